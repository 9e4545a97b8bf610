// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.BuildException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that nodes boot and install, by profile and by name: a closed table, filled when the
 * appliance starts, and again for the profiles whose files were imported, built or installed since.
 * What lies in {@code DATA/artifacts/PROFILE} wins over what a Debian package brought.
 */
final class ArtifactLibrary {
  /** One servable file. */
  record Item(Path path, long size, String sha256) {}

  /** Where Debian's packages debian-installer-RELEASE-netboot-* put the installers. */
  private static final Path DEBIAN_INSTALLERS = Path.of("/usr/lib/debian-installer/images");

  /** A folder of artifacts of Debian's own installer, with the release. */
  private static final Pattern OF_DEBIAN = Pattern.compile("debian-([0-9]{1,3})");

  /** What a profile takes of the artifacts; a changed profile of the user's may take others. */
  private record Wanted(String artifacts, Profile.Kind kind, String kernel, List<String> initrds) {
    static Wanted of(Profile profile) {
      return new Wanted(profile.artifacts(), profile.kind(), profile.kernel(), profile.initrds());
    }
  }

  /**
   * A profile's files as they were read.
   *
   * @param mark of where they lie, from before they were read
   */
  private record Table(String mark, Map<String, Item> byName) {
    static final Table NONE = new Table("", Map.of());
  }

  private final Map<Wanted, Table> byProfile = new ConcurrentHashMap<>();

  /** By folder of the artifacts. */
  private final Map<String, String> installerSuites = new ConcurrentHashMap<>();

  /** What a rescue boots, of images that have it, by profile; the rack may have none of these. */
  private final Map<String, Table> rescues = new ConcurrentHashMap<>();

  /** What else those can be booted for, in the words of their manifests. */
  private final Map<String, String> tasks = new ConcurrentHashMap<>();

  private final Path data;
  private final MirrorFiles mirror;

  private final boolean withPackages;

  private ArtifactLibrary(Path data, MirrorFiles mirror, boolean withPackages) {
    this.data = data;
    this.mirror = mirror;
    this.withPackages = withPackages;
  }

  /** Reads and checks what the given profiles need. */
  static ArtifactLibrary load(Path data, Iterable<Profile> profiles) {
    return load(data, profiles, true);
  }

  /** The same without what packages of this machine's own system would add. */
  static ArtifactLibrary ofFolder(Path data, Iterable<Profile> profiles) {
    return load(data, profiles, false);
  }

  private static ArtifactLibrary load(Path data, Iterable<Profile> profiles, boolean withPackages) {
    MirrorFiles mirror = MirrorFiles.in(data.resolve("mirror").resolve("debian"));
    ArtifactLibrary library = new ArtifactLibrary(data, mirror, withPackages);
    library.add(data, profiles);
    return library;
  }

  /** The deploy environments that can do it; those that are damaged are as good as none. */
  private void readRescues() {
    for (Profile profile : Profile.builtIn().values()) {
      Path folder = data.resolve("artifacts").resolve(profile.name());
      String mark = FileMark.of(folder.resolve(ArtifactManifest.FILE_NAME));
      if (profile.kind() == Profile.Kind.CAST
          && !rescues.getOrDefault(profile.name(), Table.NONE).mark().equals(mark)
          && Files.exists(folder.resolve(ArtifactManifest.FILE_NAME))) {
        rescueIn(folder, profile)
            .ifPresent(items -> rescues.put(profile.name(), new Table(mark, items)));
      }
    }
  }

  private Optional<Map<String, Item>> rescueIn(Path folder, Profile profile) {
    ArtifactManifest whole;
    try {
      whole = ArtifactManifest.read(folder);
    } catch (BuildException e) {
      return Optional.empty();
    }
    Set<String> wanted = new HashSet<>(needed(profile));
    wanted.remove(ROOT_IMAGE);
    ArtifactManifest some =
        new ArtifactManifest(
            whole.profile(),
            whole.builtAt(),
            whole.facts(),
            whole.artifacts().stream().filter(file -> wanted.contains(file.name())).toList());
    boolean can = whole.facts().containsKey(ArtifactManifest.RESCUE);
    tasks.put(profile.name(), whole.facts().getOrDefault(ArtifactManifest.TASKS, ""));
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

  /**
   * Why a node cannot be booted for that purpose, with the cure; looks again for what was built
   * since.
   */
  Optional<String> missingFor(Node node, Purpose purpose) {
    if (rescueProfile(node).isEmpty()) {
      readRescues();
    }
    Optional<Profile> profile = rescueProfile(node);
    String build = "'bootserver image build debian-12 --data " + data + "'";
    if (profile.isEmpty()) {
      return Optional.of(
          "no rescue system in "
              + data.resolve("artifacts")
              + " (expected: an image with one; make it with "
              + build
              + "); nothing was begun");
    }
    List<String> can = List.of(tasks.getOrDefault(profile.get().name(), "").split(", ", -1));
    return purpose == Purpose.RESCUE || can.contains(purpose.toString())
        ? Optional.empty()
        : Optional.of(
            "the deploy environment of "
                + profile.get().name()
                + " is too old to "
                + purpose
                + " (expected: one of this version; make it with "
                + build
                + "); nothing was begun");
  }

  /** Whose kernel and initrd a node boots, in rescue or for its installation. */
  Profile booted(Node node, boolean rescue) {
    return rescue ? rescueProfile(node).orElse(node.profile()) : node.profile();
  }

  /** A file that a node may have, in rescue or for its installation. */
  Optional<Item> find(Node node, boolean rescue, String name) {
    return rescue
        ? rescueProfile(node)
            .map(profile -> rescues.getOrDefault(profile.name(), Table.NONE).byName().get(name))
        : find(node.profile(), name);
  }

  /**
   * Reads and checks what is not in the table yet or has changed since.
   *
   * @throws StartException if a profile has no sound files; what was in the table stays in it
   */
  void add(Path data, Iterable<Profile> profiles) {
    for (Profile profile : profiles) {
      Wanted wanted = Wanted.of(profile);
      String mark = mark(data, profile);
      if (!byProfile.getOrDefault(wanted, Table.NONE).mark().equals(mark)) {
        byProfile.put(wanted, new Table(mark, filesOf(data, profile)));
      }
    }
    readRescues();
  }

  private String mark(Path data, Profile profile) {
    Stream<Path> imported =
        Stream.of(
            data.resolve("artifacts")
                .resolve(profile.artifacts())
                .resolve(ArtifactManifest.FILE_NAME));
    Stream<Path> installed =
        Stream.of("amd64", "arm64")
            .filter(_ -> withPackages)
            .flatMap(architecture -> installer(profile, architecture).stream())
            .flatMap(folder -> needed(profile).stream().map(folder::resolve));
    return FileMark.of(Stream.concat(imported, installed));
  }

  /**
   * Differs whenever boot files were imported, built, installed by a package or deleted, of
   * whatever profile.
   *
   * @param data the data folder
   */
  static String mark(Path data) {
    Stream<Path> imported =
        in(data.resolve("artifacts")).map(folder -> folder.resolve(ArtifactManifest.FILE_NAME));
    Stream<Path> installed =
        in(DEBIAN_INSTALLERS)
            .flatMap(ArtifactLibrary::in)
            .map(folder -> folder.resolve("text/debian-installer").resolve(folder.getFileName()))
            .flatMap(ArtifactLibrary::in);
    return FileMark.of(Stream.concat(imported, installed));
  }

  /** What lies in a folder, by name; nothing where there is none. */
  private static Stream<Path> in(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList().stream();
    } catch (IOException | UncheckedIOException e) {
      return Stream.empty();
    }
  }

  /**
   * The kernel's name in a profile's folder.
   *
   * @param architecture Debian's name of it; empty for x86
   */
  static String kernel(Profile profile, String architecture) {
    return before(architecture) + profile.kernel();
  }

  /** The same of the initrds, in their order. */
  static List<String> initrds(Profile profile, String architecture) {
    return profile.initrds().stream().map(name -> before(architecture) + name).toList();
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

  /** What VMware's boot loader reads first; it lies beside the files that it lists. */
  static final String BOOT_CFG = "boot.cfg";

  private static List<String> needed(Profile profile) {
    List<String> names = new ArrayList<>(List.of(profile.kernel()));
    names.addAll(profile.initrds());
    if (profile.kind() == Profile.Kind.CAST) {
      names.add(ROOT_IMAGE);
    }
    if (profile.kind() == Profile.Kind.MBOOT) {
      names.add(BOOT_CFG);
    }
    return names;
  }

  private Map<String, Item> filesOf(Path data, Profile profile) {
    Map<String, Item> items = new HashMap<>(forX86(data, profile));
    installer(profile, "arm64")
        .filter(_ -> withPackages)
        .ifPresent(arm -> items.putAll(fromPackage(profile, arm, "arm64")));
    return Map.copyOf(items);
  }

  private Map<String, Item> forX86(Path data, Profile profile) {
    Path folder = data.resolve("artifacts").resolve(profile.artifacts());
    if (Files.exists(folder.resolve(ArtifactManifest.FILE_NAME))) {
      return fromManifest(folder, profile);
    }
    Optional<Path> installer =
        installer(profile, "amd64").filter(path -> withPackages && Files.isDirectory(path));
    if (installer.isPresent()) {
      return fromPackage(profile, installer.get(), "");
    }
    throw new StartException(
        "profile " + profile.name() + ": no boot files in " + folder + "; " + cure(data, profile));
  }

  /** Where a package of Debian would have its installer, if the profile boots that. */
  private static Optional<Path> installer(Profile profile, String architecture) {
    Matcher release = OF_DEBIAN.matcher(profile.artifacts());
    return profile.kind() == Profile.Kind.INSTALLER && release.matches()
        ? Optional.of(
            DEBIAN_INSTALLERS
                .resolve(release.group(1))
                .resolve(architecture + "/text/debian-installer/" + architecture))
        : Optional.empty();
  }

  private static String cure(Path data, Profile profile) {
    if (profile.kind() == Profile.Kind.CAST) {
      return "make them with 'bootserver image build debian-12 --data " + data + "'";
    }
    Matcher release = OF_DEBIAN.matcher(profile.artifacts());
    String names = String.join(" ", needed(profile));
    if (!release.matches() || !release.group(1).equals("12")) {
      return "put them there with 'bootserver profile import "
          + profile.name()
          + " "
          + names
          + " --data "
          + data
          + "' (docs/answer-files.md says where they come from)";
    }
    return "install them with 'apt install debian-installer-"
        + release.group(1)
        + "-netboot-amd64', or make them with 'bootserver mirror build --data "
        + data
        + "'";
  }

  private Map<String, Item> fromManifest(Path folder, Profile profile) {
    ArtifactManifest manifest = ArtifactManifest.read(folder);
    List<String> faults = manifest.faults(folder);
    if (!faults.isEmpty()) {
      throw new StartException(
          "profile " + profile.name() + ": " + String.join("; ", faults) + "; build it again");
    }
    Map<String, Item> items = items(manifest, folder);
    for (String name : needed(profile)) {
      if (!items.containsKey(name)) {
        throw new StartException(
            "profile " + profile.name() + ": " + folder.resolve(name) + " is not in its manifest");
      }
    }
    Optional.ofNullable(manifest.facts().get(ArtifactManifest.INSTALLER_SUITE))
        .ifPresentOrElse(
            suite -> installerSuites.put(profile.artifacts(), suite),
            () -> installerSuites.remove(profile.artifacts()));
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

  /** All files that a profile's machines load, a line each, as {@code sha256sum} writes them. */
  String digests(Profile profile) {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(byProfile.getOrDefault(Wanted.of(profile), Table.NONE).byName())
        .forEach((name, item) -> lines.append(item.sha256() + "  " + name + "\n"));
    return lines.toString();
  }

  Optional<Item> find(Profile profile, String name) {
    return Optional.ofNullable(
        byProfile.getOrDefault(Wanted.of(profile), Table.NONE).byName().get(name));
  }

  /** The release whose installer a profile boots, where its manifest says so. */
  Optional<String> installerSuite(Profile profile) {
    return Optional.ofNullable(installerSuites.get(profile.artifacts()));
  }

  /** A file of the appliance's own Debian mirror, by its path below {@code /debian/}. */
  Optional<Item> inMirror(String path) {
    return mirror.find(path);
  }
}
