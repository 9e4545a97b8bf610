// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.BuildException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The files that nodes boot and install, by profile and by name: a closed table, filled when the
 * appliance starts, and when a changed rack file names a further profile. What lies in {@code
 * DATA/artifacts/PROFILE} wins over what a Debian package brought.
 */
final class ArtifactLibrary {
  /** One servable file. */
  record Item(Path path, long size, String sha256) {}

  private static final Path DEBIAN_12_INSTALLER =
      Path.of("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64");

  /** Of Debian's package debian-installer-12-netboot-arm64, which is for all architectures. */
  private static final Path DEBIAN_12_INSTALLER_ARM64 =
      Path.of("/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64");

  private final Map<String, Map<String, Item>> byProfile = new ConcurrentHashMap<>();
  private final Map<String, String> installerSuites = new ConcurrentHashMap<>();

  /** What a rescue boots, of images that have it, by profile; the rack may have none of these. */
  private final Map<String, Map<String, Item>> rescues = new ConcurrentHashMap<>();

  private final Path data;
  private final MirrorFiles mirror;

  private ArtifactLibrary(Path data, MirrorFiles mirror) {
    this.data = data;
    this.mirror = mirror;
  }

  /** Reads and checks what the given profiles need. */
  static ArtifactLibrary load(Path data, Iterable<Profile> profiles) {
    ArtifactLibrary library =
        new ArtifactLibrary(data, MirrorFiles.in(data.resolve("mirror").resolve("debian")));
    library.add(data, profiles);
    library.readRescues();
    return library;
  }

  /** The deploy environments that can do it; those that are damaged are as good as none. */
  private void readRescues() {
    for (Profile profile : Profile.builtIn().values()) {
      Path folder = data.resolve("artifacts").resolve(profile.name());
      if (profile.kind() == Profile.Kind.CAST
          && !rescues.containsKey(profile.name())
          && Files.exists(folder.resolve(ArtifactManifest.FILE_NAME))) {
        rescueIn(folder, profile).ifPresent(items -> rescues.put(profile.name(), items));
      }
    }
  }

  private static Optional<Map<String, Item>> rescueIn(Path folder, Profile profile) {
    ArtifactManifest whole;
    try {
      whole = ArtifactManifest.read(folder);
    } catch (BuildException e) {
      return Optional.empty();
    }
    Set<String> wanted = Set.of(kernel(profile), initrd(profile));
    ArtifactManifest some =
        new ArtifactManifest(
            whole.profile(),
            whole.builtAt(),
            whole.facts(),
            whole.artifacts().stream().filter(file -> wanted.contains(file.name())).toList());
    boolean can = whole.facts().containsKey(ArtifactManifest.RESCUE);
    return can && some.artifacts().size() == wanted.size() && some.faults(folder).isEmpty()
        ? Optional.of(items(some, folder))
        : Optional.empty();
  }

  /**
   * Whose image a node boots in rescue: its own profile's, or else another one's, since the
   * environment is the same in all.
   */
  private Optional<Profile> rescueProfile(Node node) {
    return Stream.concat(Stream.of(node.profile()), Profile.builtIn().values().stream())
        .filter(profile -> rescues.containsKey(profile.name()))
        .findFirst();
  }

  /** Why a node cannot be put into rescue, with the cure; looks again for what was built since. */
  Optional<String> missingForRescue(Node node) {
    if (rescueProfile(node).isEmpty()) {
      readRescues();
    }
    return rescueProfile(node).isPresent()
        ? Optional.empty()
        : Optional.of(
            "no rescue system in "
                + data.resolve("artifacts")
                + " (expected: an image with one; make it with 'bootserver image build debian-12"
                + " --data "
                + data
                + "'); nothing was begun");
  }

  /** Whose kernel and initrd a node boots, in rescue or for its installation. */
  Profile booted(Node node, boolean rescue) {
    return rescue ? rescueProfile(node).orElse(node.profile()) : node.profile();
  }

  /** A file that a node may have, in rescue or for its installation. */
  Optional<Item> find(Node node, boolean rescue, String name) {
    return rescue
        ? rescueProfile(node)
            .map(profile -> rescues.getOrDefault(profile.name(), Map.of()).get(name))
        : find(node.profile(), name);
  }

  /** Reads and checks what is not in the table yet. */
  void add(Path data, Iterable<Profile> profiles) {
    for (Profile profile : profiles) {
      if (!byProfile.containsKey(profile.name())) {
        byProfile.put(profile.name(), filesOf(data, profile));
      }
    }
  }

  /** The kernel's name in a profile's folder. */
  static String kernel(Profile profile) {
    return profile.kind() == Profile.Kind.INSTALLER ? "linux" : "vmlinuz";
  }

  static String initrd(Profile profile) {
    return profile.kind() == Profile.Kind.INSTALLER ? "initrd.gz" : "deploy.img";
  }

  /**
   * The same for another instruction set.
   *
   * @param architecture Debian's name of it; empty for x86
   */
  static String kernel(Profile profile, String architecture) {
    return before(architecture) + kernel(profile);
  }

  static String initrd(Profile profile, String architecture) {
    return before(architecture) + initrd(profile);
  }

  private static String before(String architecture) {
    return architecture.isEmpty() ? "" : architecture + "-";
  }

  /** Whether a file is a kernel, for whatever instruction set. */
  static boolean isKernel(Profile profile, String name) {
    return Arrays.stream(ScriptKind.values())
        .anyMatch(kind -> name.equals(kernel(profile, kind.architecture())));
  }

  /** The root image of a cast. */
  static final String ROOT_IMAGE = "root.img.zst";

  private static List<String> needed(Profile profile) {
    return profile.kind() == Profile.Kind.INSTALLER
        ? List.of(kernel(profile), initrd(profile))
        : List.of(kernel(profile), initrd(profile), ROOT_IMAGE);
  }

  private Map<String, Item> filesOf(Path data, Profile profile) {
    Map<String, Item> items = new HashMap<>(forX86(data, profile));
    if (profile.name().equals("debian-12")) {
      items.putAll(fromPackage(profile, DEBIAN_12_INSTALLER_ARM64, "arm64"));
    }
    return Map.copyOf(items);
  }

  private Map<String, Item> forX86(Path data, Profile profile) {
    Path folder = data.resolve("artifacts").resolve(profile.name());
    if (Files.exists(folder.resolve(ArtifactManifest.FILE_NAME))) {
      return fromManifest(folder, profile);
    }
    if (profile.name().equals("debian-12") && Files.isDirectory(DEBIAN_12_INSTALLER)) {
      return fromPackage(profile, DEBIAN_12_INSTALLER, "");
    }
    throw new StartException(
        "profile "
            + profile.name()
            + ": no boot files in "
            + folder
            + "; "
            + (profile.kind() == Profile.Kind.CAST
                ? "make them with 'bootserver image build debian-12 --data " + data + "'"
                : "install them with 'apt install debian-installer-12-netboot-amd64', or make them"
                    + " with 'bootserver mirror build --data "
                    + data
                    + "'"));
  }

  private Map<String, Item> fromManifest(Path folder, Profile profile) {
    ArtifactManifest manifest = ArtifactManifest.read(folder);
    List<String> faults = manifest.faults(folder);
    if (!faults.isEmpty()) {
      throw new StartException(
          "profile " + profile.name() + ": " + String.join("; ", faults) + "; build it again");
    }
    Map<String, Item> items = items(manifest, folder);
    Optional.ofNullable(manifest.facts().get(ArtifactManifest.INSTALLER_SUITE))
        .ifPresent(suite -> installerSuites.put(profile.name(), suite));
    for (String name : needed(profile)) {
      if (!items.containsKey(name)) {
        throw new StartException(
            "profile " + profile.name() + ": " + folder.resolve(name) + " is not in its manifest");
      }
    }
    return items;
  }

  private static Map<String, Item> items(ArtifactManifest manifest, Path folder) {
    Map<String, Item> items = new HashMap<>();
    for (Artifact artifact : manifest.artifacts()) {
      items.put(
          artifact.name(),
          new Item(folder.resolve(artifact.name()), artifact.size(), artifact.sha256()));
    }
    return Map.copyOf(items);
  }

  private static Map<String, Item> fromPackage(Profile profile, Path folder, String architecture) {
    Map<String, Item> items = new HashMap<>();
    for (String name : needed(profile)) {
      Path file = folder.resolve(name);
      if (architecture.isEmpty() || Files.isReadable(file)) {
        Artifact artifact = Artifact.of(file);
        items.put(before(architecture) + name, new Item(file, artifact.size(), artifact.sha256()));
      }
    }
    return items;
  }

  Optional<Item> find(Profile profile, String name) {
    return Optional.ofNullable(byProfile.getOrDefault(profile.name(), Map.of()).get(name));
  }

  /** The release whose installer a profile boots, where its manifest says so. */
  Optional<String> installerSuite(Profile profile) {
    return Optional.ofNullable(installerSuites.get(profile.name()));
  }

  /** A file of the appliance's own Debian mirror, by its path below {@code /debian/}. */
  Optional<Item> inMirror(String path) {
    return mirror.find(path);
  }
}
