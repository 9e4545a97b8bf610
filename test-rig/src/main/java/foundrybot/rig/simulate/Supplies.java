// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Profile;
import foundrybot.appliance.store.KeyRing;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stand-ins for boot programs, kernels and images: right in name, and a few kilobytes of noise.
 * What simulated machines do with them takes virtual time, not bytes.
 */
final class Supplies {
  private static final int BYTES = 4096;
  private static final String WHAT = "stand-in of a simulation, boots nothing";
  private static final List<String> PROGRAMS = List.of("undionly.kpxe", "snponly.efi", "ipxe.efi");

  private Supplies() {}

  /** Fills a folder with boot programs; SHA-256 by name. */
  static Map<String, String> bootPrograms(Path folder) {
    Map<String, String> digests = new TreeMap<>();
    for (String name : PROGRAMS) {
      write(folder.resolve(name));
      digests.put(name, ArtifactManifest.digestOf(folder.resolve(name)));
    }
    return digests;
  }

  /** Fills {@code data/artifacts} with what machines of these profiles load. */
  static void artifacts(Path data, Iterable<Profile> profiles, Instant now) {
    for (Profile profile : profiles) {
      Set<String> names = new LinkedHashSet<>(List.of(profile.kernel()));
      names.addAll(profile.initrds());
      switch (profile.kind()) {
        case CAST -> names.add("root.img.zst");
        case MBOOT -> names.add("boot.cfg");
        case INSTALLER -> {}
      }
      Path folder = data.resolve("artifacts").resolve(profile.artifacts());
      List<Artifact> artifacts = new ArrayList<>();
      for (String name : names) {
        write(folder.resolve(name));
        artifacts.add(Artifact.of(folder.resolve(name)));
      }
      new ArtifactManifest(profile.artifacts(), now.toString(), Map.of("made up", WHAT), artifacts)
          .write(folder);
    }
  }

  /** Keys of the mesh, which a real appliance draws: the same seed is to give the same events. */
  static void keys(Path data, Random random) {
    for (String name : List.of("bundles.key", "preshared.key")) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      try {
        KeyRing.plain(data).write(name, HexFormat.of().formatHex(key) + "\n");
      } catch (IOException e) {
        throw new UncheckedIOException(name + ": cannot be written: " + e.getMessage(), e);
      }
    }
  }

  private static void write(Path file) {
    byte[] content = new byte[BYTES];
    new Random(String.valueOf(file.getFileName()).hashCode()).nextBytes(content);
    byte[] head = (WHAT + "\n").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(head, 0, content, 0, head.length);
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
