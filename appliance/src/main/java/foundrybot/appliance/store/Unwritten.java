// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * Since when the journal could not be written, in a small file of the data folder. The file is made
 * while there is room and later written in its place, with as many bytes as it has: that needs no
 * room on most file systems. Where it cannot be written nobody knows of the outage, as if it had
 * been short.
 */
public final class Unwritten {
  private static final String NAME = "state.outage";
  private static final int BYTES = 64;
  private static final String NONE = "none";

  private final Path file;

  private Unwritten(Path file) {
    this.file = file;
  }

  /** Of a data folder that this process holds. */
  public static Unwritten of(Path data) {
    Unwritten unwritten = new Unwritten(data.resolve(NAME));
    if (!Files.exists(unwritten.file)) {
      unwritten.set(NONE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }
    return unwritten;
  }

  /** Empty if it can be written, as far as is known. */
  public Optional<Instant> since() {
    try (var in = Files.newInputStream(file)) {
      String said = new String(in.readNBytes(BYTES), StandardCharsets.US_ASCII).strip();
      return Optional.of(Instant.parse(said));
    } catch (IOException | DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * The journal was refused; the first time counts, until it is {@link #over}.
   *
   * @return whether that will be known at the next start
   */
  public boolean began(Instant at) {
    return since().isPresent() || set(at.toString(), StandardOpenOption.WRITE);
  }

  /** That there was one is in the journal. */
  public boolean over() {
    return set(NONE, StandardOpenOption.WRITE);
  }

  private boolean set(String text, StandardOpenOption... options) {
    byte[] line =
        (text + " ".repeat(BYTES - 1 - text.length()) + "\n").getBytes(StandardCharsets.US_ASCII);
    try (FileChannel channel = FileChannel.open(file, options)) {
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
