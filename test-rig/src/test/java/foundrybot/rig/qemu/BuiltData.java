// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.answerfiles.Profiles;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.Progress;
import foundrybot.images.cast.ImageBuilder;
import foundrybot.images.mirror.AptSource;
import foundrybot.images.mirror.MirrorBuilder;
import foundrybot.images.mirror.MirrorReport;
import foundrybot.images.mirror.MirrorRequest;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What test machines are installed from, built by the product's own commands.
 *
 * <p>Building takes minutes, so it is kept below {@code target} until the code that builds it
 * changes. The system property {@code foundrybot.rig.image} names the {@code --data} folder of a
 * cast image that is to be used as it is.
 */
final class BuiltData {
  private static final Duration LIMIT = Duration.ofMinutes(20);

  /** The exit status of a mirror that is there but lacks what a whole installation needs. */
  private static final int INCOMPLETE = 3;

  /**
   * A mirror.
   *
   * @param data the data folder it lies in
   * @param canInstall whether a whole installation is possible from it
   * @param output what the command printed; names what is missing
   */
  record Mirror(Path data, boolean canInstall, String output) {}

  private BuiltData() {}

  /** The data folder of an image to cast. */
  static Path cast() throws IOException {
    String given = System.getProperty("foundrybot.rig.image", "");
    if (!given.isEmpty()) {
      return Path.of(given).toAbsolutePath();
    }
    Path data = QemuFolders.logs("image");
    try (FileChannel _ = alone(data)) {
      if (!isCurrent(data.resolve("artifacts").resolve("debian-12-cast"))) {
        List<String> command =
            List.of("image", "build", "debian-12", "--kernel", "linux-image-cloud-amd64");
        Child.Outcome outcome = build(data, command);
        if (outcome.status() != 0) {
          throw failure(data, command, outcome);
        }
      }
    }
    return data;
  }

  /** The small mirror; what the reachable archive lacks is missing in it, and it is still used. */
  static Mirror mirror(String name, String... options) throws IOException {
    Path data = QemuFolders.logs(name);
    List<String> command = new ArrayList<>(List.of("mirror", "build"));
    command.addAll(List.of(options));
    try (FileChannel _ = alone(data)) {
      Child.Outcome outcome = build(data, command);
      if (outcome.status() != 0 && outcome.status() != INCOMPLETE) {
        throw failure(data, command, outcome);
      }
      return new Mirror(data, outcome.status() == 0, outcome.output());
    }
  }

  /** A mirror of Debian 13 for its own installer; the product's command makes one of Debian 12. */
  static Mirror mirrorOfTrixie() throws IOException {
    Path data = QemuFolders.logs("mirror-trixie");
    List<AptSource> sources =
        AptSource.ofMachine(Path.of("/etc/apt"), "bookworm").stream()
            .map(BuiltData::ofTrixie)
            .toList();
    MirrorRequest request =
        new MirrorRequest(
            data.resolve("mirror"),
            data.resolve("artifacts").resolve("debian-13"),
            "debian-13",
            Suite.TRIXIE,
            Suite.TRIXIE,
            true,
            List.of("linux-image-amd64"),
            Profiles.packagesOfAllRoles("debian-13"),
            sources);
    try (FileChannel _ = alone(data)) {
      MirrorReport report =
          new MirrorBuilder(Clock.systemUTC(), new SecureRandom()).build(request, new Silent());
      String output =
          Stream.concat(
                  report.madeUp().stream().map(piece -> "made up: " + piece),
                  report.missingEssential().stream().map(gap -> "missing: " + gap))
              .collect(Collectors.joining("\n"));
      return new Mirror(data, report.canInstall(), output);
    }
  }

  private static AptSource ofTrixie(AptSource source) {
    return new AptSource(
        source.uri(),
        source.suite().replace("bookworm", "trixie"),
        source.components(),
        source.signedBy());
  }

  private static final class Silent implements Progress {
    @Override
    public void step(String what) {}

    @Override
    public void advance(long done, long total) {}

    @Override
    public void warn(String what) {}
  }

  /**
   * A data folder with the boot programs of a newer Debian release. Debian's unstable release moves
   * on, and is taken as it is.
   */
  static Path loaders(String suite) throws IOException {
    Path data = QemuFolders.logs("loaders-" + suite);
    try (FileChannel _ = alone(data)) {
      if (!Files.exists(data.resolve("boot-programs").resolve(ArtifactManifest.FILE_NAME))) {
        List<String> command = new ArrayList<>(List.of("loaders", "fetch", "--suite", suite));
        if (suite.equals("sid")) {
          command.add("--unpinned");
        }
        Child.Outcome outcome = build(data, command);
        if (outcome.status() != 0) {
          throw failure(data, command, outcome);
        }
      }
    }
    return data;
  }

  /**
   * Waits until no other process of the tests builds there: two run at a time, and the product
   * refuses the second builder.
   *
   * @return to be closed when the data is there
   */
  private static FileChannel alone(Path data) throws IOException {
    Path file = Files.createDirectories(data.getParent()).resolve(data.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.lock();
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Child.Outcome build(Path data, List<String> command) throws IOException {
    Files.createDirectories(data);
    List<String> line = new ArrayList<>(List.of(QemuFolders.bootserver().toString()));
    line.addAll(command);
    line.addAll(List.of("--data", data.toString()));
    Files.deleteIfExists(data.resolve("build.log"));
    Child.Outcome outcome = Child.run(data.resolve("build.log"), LIMIT, line);
    Files.writeString(data.resolve("build.out"), outcome.output());
    return outcome;
  }

  private static RigException failure(Path data, List<String> command, Child.Outcome outcome)
      throws IOException {
    return new RigException(
        "bootserver "
            + String.join(" ", command)
            + ": exit status "
            + outcome.status()
            + ": "
            + Files.readString(data.resolve("build.log")).strip()
            + "; what it said before is in "
            + data.resolve("build.out"));
  }

  private static boolean isCurrent(Path folder) throws IOException {
    Path manifest = folder.resolve(ArtifactManifest.FILE_NAME);
    return Files.exists(manifest)
        && Files.getLastModifiedTime(manifest).compareTo(codeTime()) > 0
        && ArtifactManifest.read(folder).faults(folder).isEmpty();
  }

  /** When the code that builds images was last compiled. */
  private static FileTime codeTime() throws IOException {
    Path code;
    try {
      code =
          Path.of(ImageBuilder.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    try (Stream<Path> files = Files.walk(code)) {
      List<FileTime> times = new ArrayList<>();
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.add(Files.getLastModifiedTime(file));
      }
      return times.stream().max(Comparator.naturalOrder()).orElseThrow();
    }
  }
}
