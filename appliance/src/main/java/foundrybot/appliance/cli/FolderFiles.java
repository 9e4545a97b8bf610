// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.butane.LocalFiles;
import foundrybot.appliance.FileMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The files in a folder of the user's and below, for a rack file that names some. A link that leads
 * out of the folder leads nowhere. It remembers what was asked for, so that a change can be
 * noticed.
 */
final class FolderFiles implements LocalFiles {
  private static final long MAX_BYTES = 1 << 20;
  private static final int MOST = 10_000;

  private final Path folder;

  /** What {@link FileMark} said of each file before it was read. */
  private final Map<Path, String> marks = new ConcurrentSkipListMap<>();

  FolderFiles(Path folder) {
    this.folder = folder;
  }

  @Override
  public Optional<byte[]> bytes(String path) {
    try {
      Path named = folder.resolve(path);
      if (marks.size() < MOST || marks.containsKey(named)) {
        marks.put(named, FileMark.of(named));
      }
      return isIn(folder, named) && Files.size(named) <= MAX_BYTES
          ? Optional.of(Files.readAllBytes(named))
          : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Whether there is such a file, and it lies in that folder or below when links are followed. */
  static boolean isIn(Path folder, Path file) {
    try {
      Path real = file.toRealPath();
      return real.startsWith(folder.toRealPath()) && Files.isRegularFile(real);
    } catch (IOException e) {
      return false;
    }
  }

  /** How the files were when they were read last. */
  String read() {
    return String.valueOf(marks);
  }

  /** How they are now; differs from {@link #read} whenever one of them has changed. */
  String mark() {
    Map<Path, String> now = new ConcurrentSkipListMap<>();
    marks.keySet().forEach(file -> now.put(file, FileMark.of(file)));
    return String.valueOf(now);
  }
}
