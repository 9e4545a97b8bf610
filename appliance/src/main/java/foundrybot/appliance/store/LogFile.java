// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.images.FileTrees;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One file of records that is only ever appended to. A record is its length (4 bytes), the CRC-32C
 * of what follows (4 bytes, RFC 3720 appendix B.4), and its payload; a record that a kill or a lost
 * power has torn is told by its sum.
 *
 * <p>One thread writes; who reads does so by a channel of its own, since an interrupted reader
 * closes its channel.
 */
final class LogFile implements AutoCloseable {
  /** Bytes of one payload. */
  static final int MAX_PAYLOAD = 4096;

  private static final int FRAME = 8;

  /** Bytes that are gathered before they are written. */
  private static final int GATHERED = 64 * 1024;

  /** Gets the payload of a record and the byte at which the record begins. */
  interface Visitor {
    void record(ByteBuffer payload, long position) throws IOException;
  }

  /** Puts a payload into the buffer. */
  interface Payload {
    void putInto(ByteBuffer out);
  }

  private final Path path;
  private final FileChannel channel;
  private final ByteBuffer gathered = ByteBuffer.allocateDirect(GATHERED);
  private long written;

  private LogFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.written = size;
  }

  /** Opens the file, makes it if it is not there. */
  static LogFile open(Path path) throws IOException {
    boolean isNew = !Files.exists(path);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (isNew) {
        // Else a lost power could take the file with all that was flushed into it.
        FileTrees.force(path.toAbsolutePath().resolveSibling(""));
      }
      return new LogFile(path, channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  /** Where the next record will begin. */
  long end() {
    return written + gathered.position();
  }

  /** Takes one record; it is in the file after the next {@link #write}. */
  void add(Payload payload) throws IOException {
    if (gathered.remaining() < FRAME + MAX_PAYLOAD) {
      write();
    }
    int begin = gathered.position();
    gathered.position(begin + FRAME);
    payload.putInto(gathered);
    int length = gathered.position() - begin - FRAME;
    gathered.putInt(begin, length).putInt(begin + 4, sum(gathered, begin + FRAME, length));
  }

  /**
   * Hands what was added to the operating system: it survives the end of this process.
   *
   * @throws IOException such as a full disk; what was added since the last time is then forgotten
   */
  void write() throws IOException {
    gathered.flip();
    try {
      long at = written;
      while (gathered.hasRemaining()) {
        at += channel.write(gathered, at);
      }
      written = at;
    } catch (IOException e) {
      try {
        // Half a record would hide all that is written after it.
        channel.truncate(written);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    } finally {
      gathered.clear();
    }
  }

  /** Has the disk keep what was written: it survives the loss of power. */
  void force() throws IOException {
    channel.force(false);
  }

  /** Cuts off what begins there. */
  void cut(long size) throws IOException {
    channel.truncate(size);
    written = size;
  }

  /** Hands each record to {@code each} and returns where the first that is not whole begins. */
  static long scan(Path path, Visitor each) throws IOException {
    try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ);
        Arena mapping = Arena.ofConfined()) {
      ByteBuffer all = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), mapping).asByteBuffer();
      Optional<ByteBuffer> payload = payload(all);
      while (payload.isPresent()) {
        each.record(payload.get(), all.position());
        all.position(all.position() + FRAME + payload.get().limit());
        payload = payload(all);
      }
      return all.position();
    }
  }

  /** Bytes of the record that has this payload, as {@link #scan} hands it over. */
  static int sizeOf(ByteBuffer payload) {
    return FRAME + payload.limit();
  }

  /** The record that begins there; empty if no whole one does. */
  static Optional<ByteBuffer> read(FileChannel in, long position) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(FRAME + MAX_PAYLOAD);
    while (bytes.hasRemaining() && in.read(bytes, position + bytes.position()) > 0) {
      // One read brings all there is, but need not.
    }
    return payload(bytes.flip());
  }

  private static Optional<ByteBuffer> payload(ByteBuffer record) {
    int begin = record.position();
    if (record.remaining() < FRAME) {
      return Optional.empty();
    }
    int length = record.getInt(begin);
    boolean whole =
        length > 0
            && length <= Math.min(MAX_PAYLOAD, record.remaining() - FRAME)
            && record.getInt(begin + 4) == sum(record, begin + FRAME, length);
    return whole ? Optional.of(record.slice(begin + FRAME, length)) : Optional.empty();
  }

  private static int sum(ByteBuffer bytes, int begin, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.slice(begin, length));
    return (int) sum.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
