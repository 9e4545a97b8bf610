// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Certificates of first use: a line each of the BMC's host (and port) and the SHA-256. */
final class KnownBmcs {
  // A file lock holds between processes, and is refused (not waited for) within one.
  private static final Object ONE_AT_A_TIME = new Object();

  private final Path file;

  KnownBmcs(Path file) {
    this.file = file;
  }

  /**
   * The fingerprint remembered for the place; if there is none, {@code seen}, once it is on disk.
   */
  String trusted(String place, String seen) {
    synchronized (ONE_AT_A_TIME) {
      return remembered(place, seen);
    }
  }

  private String remembered(String place, String seen) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      // Two commands at a time: the lock makes them see each other's lines.
      try (FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        Optional<String> known = known(place);
        if (known.isEmpty()) {
          byte[] line = (place + " " + seen + "\n").getBytes(StandardCharsets.UTF_8);
          channel.position(channel.size());
          ByteBuffer bytes = ByteBuffer.wrap(line);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(true);
        }
        return known.orElse(seen);
      }
    } catch (IOException e) {
      throw new PowerException(
          file
              + ": cannot remember the certificate of "
              + place
              + " (expected: a file that can be written): "
              + e.getMessage());
    }
  }

  private Optional<String> known(String place) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.split(" ", 2))
        .filter(parts -> parts.length == 2 && parts[0].equals(place))
        .map(parts -> parts[1].strip())
        .findFirst();
  }
}
