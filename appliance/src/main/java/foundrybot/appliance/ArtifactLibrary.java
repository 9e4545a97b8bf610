// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Profile;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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
  private final MirrorFiles mirror;

  private ArtifactLibrary(MirrorFiles mirror) {
    this.mirror = mirror;
  }

  /** Reads and checks what the given profiles need. */
  static ArtifactLibrary load(Path data, Iterable<Profile> profiles) {
    ArtifactLibrary library =
        new ArtifactLibrary(MirrorFiles.in(data.resolve("mirror").resolve("debian")));
    library.add(data, profiles);
    return library;
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
    Map<String, Item> items = new HashMap<>();
    for (Artifact artifact : manifest.artifacts()) {
      items.put(
          artifact.name(),
          new Item(folder.resolve(artifact.name()), artifact.size(), artifact.sha256()));
    }
    Optional.ofNullable(manifest.facts().get(ArtifactManifest.INSTALLER_SUITE))
        .ifPresent(suite -> installerSuites.put(profile.name(), suite));
    for (String name : needed(profile)) {
      if (!items.containsKey(name)) {
        throw new StartException(
            "profile " + profile.name() + ": " + folder.resolve(name) + " is not in its manifest");
      }
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
