// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a mirror is to hold.
 *
 * @param folder where everything lies: the served tree in {@code debian/}, our key in {@code key/},
 *     apt's private state in {@code apt/}
 * @param artifacts folder that gets the installer's kernel and initrd, with a manifest
 * @param profile the profile the artifacts belong to, as in the manifest
 * @param suite the release that is installed
 * @param installerSuite the release whose installer does it; another one than {@code suite} is
 *     borrowed, and the report says so
 * @param synthesiseMissing whether installer components that the archive does not hand out may be
 *     made from ordinary packages of the same version; the report names each
 * @param kernels kernel packages for the installed system
 * @param packages what the roles want beside the base system
 * @param sources where apt takes packages of {@code suite} from
 */
public record MirrorRequest(
    Path folder,
    Path artifacts,
    String profile,
    Suite suite,
    Suite installerSuite,
    boolean synthesiseMissing,
    List<String> kernels,
    List<String> packages,
    List<AptSource> sources) {

  public MirrorRequest {
    folder = folder.toAbsolutePath().normalize();
    artifacts = artifacts.toAbsolutePath().normalize();
    kernels = List.copyOf(kernels);
    packages = List.copyOf(packages);
    sources = List.copyOf(sources);
    for (String name : allNames(kernels, packages)) {
      if (!name.matches("[a-z0-9][a-z0-9+.-]+")) {
        throw new IllegalArgumentException(
            "package: '" + name + "' (expected: a Debian package name)");
      }
    }
  }

  /** The honest case: Debian 12 by its own installer, generic and cloud kernel, nothing made up. */
  public static MirrorRequest debian12(Path folder, Path artifacts, List<AptSource> sources) {
    return new MirrorRequest(
        folder,
        artifacts,
        "debian-12",
        Suite.BOOKWORM,
        Suite.BOOKWORM,
        false,
        List.of("linux-image-amd64", "linux-image-cloud-amd64"),
        List.of(),
        sources);
  }

  public MirrorRequest withPackages(List<String> names) {
    return new MirrorRequest(
        folder,
        artifacts,
        profile,
        suite,
        installerSuite,
        synthesiseMissing,
        kernels,
        names,
        sources);
  }

  /** Fills the gaps of the reachable archive: another release's installer, made-up components. */
  public MirrorRequest withInstaller(Suite other, boolean synthesise) {
    return new MirrorRequest(
        folder, artifacts, profile, suite, other, synthesise, kernels, packages, sources);
  }

  private static List<String> allNames(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** A Debian release this product knows the installer of. */
  public enum Suite {
    BOOKWORM("bookworm", "12", "oldstable"),
    TRIXIE("trixie", "13", "stable");

    private final String codename;
    private final String version;
    private final String otherName;

    Suite(String codename, String version, String otherName) {
      this.codename = codename;
      this.version = version;
      this.otherName = otherName;
    }

    public String codename() {
      return codename;
    }

    public String version() {
      return version;
    }

    /** What archives call it beside its code name until the next release; to be checked. */
    String otherName() {
      return otherName;
    }
  }
}
