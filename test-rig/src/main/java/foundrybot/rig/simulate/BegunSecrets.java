// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What a lost power leaves of the files with keys and secrets. They are replaced as a whole, so the
 * old one is there, and beside it perhaps the beginning of what was to take its place.
 */
final class BegunSecrets {
  /** As the store names what it has not brought to its place yet. */
  static final String BEGUN = ".new";

  /** One in so many was about to be replaced. */
  private static final int SHARE = 3;

  private final Path folder;

  /** Of the appliance whose data lies in that folder. */
  BegunSecrets(Path folder) {
    this.folder = folder;
  }

  /**
   * The power goes while some of them are replaced.
   *
   * @param random which ones, and where each one ends
   */
  void cut(Random random) {
    for (Path file : secrets()) {
      boolean begun = random.nextInt(SHARE) == 0;
      double share = random.nextDouble();
      if (begun) {
        leave(file, share);
      }
    }
  }

  private List<Path> secrets() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().matches(".*\\.(key|pem)")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the secrets of the simulated appliance", e);
    }
  }

  private static void leave(Path file, double share) {
    try {
      byte[] whole = Files.readAllBytes(file);
      Path begun = file.resolveSibling(file.getFileName() + BEGUN);
      Files.write(begun, Arrays.copyOf(whole, (int) (share * (whole.length + 1))));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": a secret of the simulated appliance", e);
    }
  }
}
