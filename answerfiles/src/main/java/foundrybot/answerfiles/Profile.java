// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.butane.ButaneInput;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The system to put on a node, and the way to put it there: what {@code profile.yaml} and the
 * templates beside it say.
 *
 * @param ofUser whether its files are the user's
 * @param folder where it was read, for people
 * @param kind how the system comes to the disk
 * @param system its name, for people
 * @param version its release, for people and templates
 * @param suite the code name under which the package source knows the release; may be empty
 * @param artifacts the folder of the data folder's {@code artifacts} that has its boot files
 * @param kernel its name there
 * @param initrds in the order in which the kernel unpacks them
 * @param arguments of the kernel; those that render to nothing are left out
 * @param files what the machine may ask for below its URL, by name; the first is the main one
 * @param packageSource absent: the site's mirror, or the appliance's own
 * @param packages what every node of this profile gets
 * @param packageNames what packages of roles are called in this system, by Debian's name
 * @param callbacks what its installer reports, of its own accord or by these templates
 * @param secureBoot whether shim lets its kernel run
 * @param layouts what its installer can make of disks: words of {@link DiskLayout}, and {@link
 *     DiskPlan#DATA}
 * @param networks what its installed systems can have beside their address: words of {@link
 *     NetLink.Kind}
 * @param carries what its installers put on a system of what roles and nodes ask for: words of
 *     {@link HostKeys#ABILITIES}
 * @param fileFolders below which its systems can be given files; none: anywhere
 * @param values what its templates may use beside the common names
 * @param byHttps which of its files its installer fetches by HTTPS, where the appliance has a CA
 * @param butane what is merged into those of its files that take it
 */
public record Profile(
    String name,
    boolean ofUser,
    String folder,
    Kind kind,
    String system,
    String version,
    String suite,
    String artifacts,
    String kernel,
    List<String> initrds,
    List<KernelArgument> arguments,
    Map<String, FileTemplate> files,
    Optional<URI> packageSource,
    List<String> packages,
    Map<String, String> packageNames,
    Set<String> callbacks,
    boolean secureBoot,
    Set<String> layouts,
    Set<String> networks,
    Set<String> carries,
    List<String> fileFolders,
    Map<String, String> values,
    Set<String> byHttps,
    Optional<ButaneInput> butane) {
  /** How the system comes to the disk. */
  public enum Kind {
    /** The system's own installer, driven by answer files. */
    INSTALLER,
    /** A finished root image, streamed to the disk. */
    CAST,
    /** VMware's installer, by its boot loader mboot.efi and a list of modules, boot.cfg. */
    MBOOT
  }

  /** One argument of the kernel. */
  public record KernelArgument(TemplateText template) {
    /** Its source, as the profile has it. */
    public String source() {
      return template.source();
    }
  }

  /**
   * One file that is made for each node.
   *
   * @param butane the variant of Butane whose inputs are merged into it
   */
  public record FileTemplate(TextFormat format, TemplateText template, Optional<String> butane) {
    /** The format's word in {@code profile.yaml}. */
    public String formatName() {
      return format.word();
    }

    /** Where the template was read. */
    public String templateFile() {
      return template.file();
    }
  }

  public Profile {
    initrds = List.copyOf(initrds);
    arguments = List.copyOf(arguments);
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    packages = List.copyOf(packages);
    packageNames = Map.copyOf(packageNames);
    callbacks = Set.copyOf(callbacks);
    networks = Collections.unmodifiableSet(new LinkedHashSet<>(networks));
    layouts = Collections.unmodifiableSet(new LinkedHashSet<>(layouts));
    carries = Collections.unmodifiableSet(new LinkedHashSet<>(carries));
    fileFolders = List.copyOf(fileFolders);
    values = Map.copyOf(values);
    byHttps = Collections.unmodifiableSet(new LinkedHashSet<>(byHttps));
  }

  /** The profiles that need no file of the user's, by name. */
  public static Map<String, Profile> builtIn() {
    return new LinkedHashMap<>(BuiltInProfiles.all());
  }

  /** The variants of Butane that its files take. */
  List<String> variants() {
    return files.values().stream().flatMap(file -> file.butane().stream()).distinct().toList();
  }

  /** Whether a node may ask for this file below its URL. */
  public boolean serves(String file) {
    return files.containsKey(file);
  }
}
