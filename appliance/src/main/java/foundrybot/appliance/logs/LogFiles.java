// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import foundrybot.answerfiles.Mac;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two files for each node, the one that is written and the one before it: a ring of lines. Nothing
 * is flushed to the disk itself: a lost power may cost lines, a kill costs at most one.
 */
final class LogFiles {
  /** Bytes after which a file becomes the one before. */
  static final int MOST_BYTES = 128 * 1024;

  private static final String NEWEST = ".log";
  private static final String BEFORE = ".log.1";

  private final Path folder;

  private LogFiles(Path folder) {
    this.folder = folder;
  }

  /** Makes the folder, for its owner alone, and forgets what was written last before that time. */
  static LogFiles in(Path folder, Instant oldest) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
          Files.delete(file);
        }
      }
    }
    return new LogFiles(folder);
  }

  private Path file(Mac mac, String ending) {
    return folder.resolve(mac.toString().replace(':', '-') + ending);
  }

  void append(Mac mac, List<LogLine> lines) throws IOException {
    Path newest = file(mac, NEWEST);
    long size = Files.exists(newest) ? Files.size(newest) : 0;
    if (size > MOST_BYTES) {
      Files.move(newest, file(mac, BEFORE), StandardCopyOption.REPLACE_EXISTING);
      size = 0;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (size > 0 && !endsWithBreak(newest, size)) {
      out.write('\n');
    }
    for (LogLine line : lines) {
      out.writeBytes((line.written() + "\n").getBytes(UTF_8));
    }
    Files.write(newest, out.toByteArray(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** A line that a kill has torn must not swallow the next one. */
  private static boolean endsWithBreak(Path file, long size) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
      bytes.seek(size - 1);
      return bytes.read() == '\n';
    }
  }

  /** The last lines, the oldest of them first. */
  List<LogLine> tail(Mac mac, int most) throws IOException {
    List<LogLine> lines = new ArrayList<>();
    for (String ending : new String[] {BEFORE, NEWEST}) {
      Path file = file(mac, ending);
      if (Files.exists(file)) {
        new String(Files.readAllBytes(file), UTF_8)
            .lines()
            .forEach(line -> LogLine.of(line).ifPresent(lines::add));
      }
    }
    return List.copyOf(lines.subList(Math.max(0, lines.size() - most), lines.size()));
  }
}
