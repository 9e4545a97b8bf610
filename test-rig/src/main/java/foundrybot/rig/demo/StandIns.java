// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Files in the place of boot programs, kernels and images: right in name, size class and digest,
 * and made of noise. Simulated machines fetch them over the real protocols; none could run them.
 */
final class StandIns {
  private static final int KB = 1000;
  private static final String WHAT = "stand-in for the demo, boots nothing";

  private StandIns() {}

  /**
   * Fills a folder with boot programs; SHA-256 by name.
   *
   * @param shrink how many times smaller than usual they are
   */
  static Map<String, String> bootPrograms(Path folder, int shrink) {
    Map<String, String> digests = new TreeMap<>();
    Map.of("undionly.kpxe", 72 * KB, "snponly.efi", 180 * KB, "ipxe.efi", 320 * KB)
        .forEach(
            (name, size) -> {
              write(folder.resolve(name), size / shrink);
              digests.put(name, ArtifactManifest.digestOf(folder.resolve(name)));
            });
    return digests;
  }

  /** Fills {@code data/artifacts} for both built-in profiles. */
  static void artifacts(Path data, Instant now) {
    artifacts(data, now, "debian-12", Map.of("linux", 400 * KB, "initrd.gz", 700 * KB));
    artifacts(
        data,
        now,
        "debian-12-cast",
        Map.of("vmlinuz", 400 * KB, "deploy.img", 300 * KB, "root.img.zst", 900 * KB));
  }

  private static void artifacts(
      Path data, Instant now, String profile, Map<String, Integer> files) {
    Path folder = data.resolve("artifacts").resolve(profile);
    List<Artifact> artifacts = new ArrayList<>();
    new TreeMap<>(files)
        .forEach(
            (name, size) -> {
              write(folder.resolve(name), size);
              artifacts.add(Artifact.of(folder.resolve(name)));
            });
    new ArtifactManifest(profile, now.toString(), Map.of("made up", WHAT), artifacts).write(folder);
  }

  private static void write(Path file, int size) {
    byte[] content = new byte[size];
    new Random(file.getFileName().hashCode()).nextBytes(content);
    byte[] head = (WHAT + "\n").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(head, 0, content, 0, head.length);
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(
          file + ": cannot be written: " + e.getMessage() + "; give a folder with --keep", e);
    }
  }
}
