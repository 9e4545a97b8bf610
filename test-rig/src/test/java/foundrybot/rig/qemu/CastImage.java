// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.cast.ImageBuilder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The image that test machines are cast from, built by the product's own command.
 *
 * <p>Building takes minutes, so it is kept below {@code target} until the code that builds it
 * changes. The system property {@code foundrybot.rig.image} names the {@code --data} folder of an
 * image that is to be used as it is.
 */
final class CastImage {
  private static final Duration LIMIT = Duration.ofMinutes(20);
  private static final String PROFILE = "debian-12-cast";

  private CastImage() {}

  /** The folder of artifacts, as the appliance has it in its data. */
  static Path artifacts() throws IOException {
    String given = System.getProperty("foundrybot.rig.image", "");
    Path data = given.isEmpty() ? QemuFolders.logs("image") : Path.of(given).toAbsolutePath();
    Path artifacts = data.resolve("artifacts");
    Path folder = artifacts.resolve(PROFILE);
    Path manifest = folder.resolve(ArtifactManifest.FILE_NAME);
    boolean there = Files.exists(manifest);
    if (there
        && (!given.isEmpty() || Files.getLastModifiedTime(manifest).compareTo(codeTime()) > 0)
        && ArtifactManifest.read(folder).faults(folder).isEmpty()) {
      return artifacts;
    }
    build(data);
    return artifacts;
  }

  private static void build(Path data) throws IOException {
    Files.createDirectories(data);
    Path log = data.resolve("build.log");
    Child.Outcome outcome =
        Child.run(
            log,
            LIMIT,
            List.of(
                QemuFolders.bootserver().toString(),
                "image",
                "build",
                "debian-12",
                "--kernel",
                "linux-image-cloud-amd64",
                "--data",
                data.toString()));
    Files.writeString(data.resolve("build.out"), outcome.output());
    if (outcome.status() != 0) {
      throw new RigException(
          "bootserver image build: exit status "
              + outcome.status()
              + ": "
              + Files.readString(log).strip()
              + "; what it said before is in "
              + data.resolve("build.out"));
    }
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
      List<FileTime> times = new java.util.ArrayList<>();
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.add(Files.getLastModifiedTime(file));
      }
      return times.stream().max(Comparator.naturalOrder()).orElseThrow();
    }
  }
}
