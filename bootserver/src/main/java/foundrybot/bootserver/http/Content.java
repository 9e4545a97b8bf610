// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * The bytes of an answer, handed out in slices: no connection holds more than one in memory, and
 * none keeps its event loop for longer than one takes.
 */
sealed interface Content {
  /** Bytes from memory. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Memory(byte[] bytes) implements Content {}

  /** A file whose bytes go from the page cache to the socket (sendfile). */
  record ZeroCopy(OpenFiles.Hold file) implements Content {}

  /** A file whose bytes pass through this process, to be encrypted. */
  record Read(OpenFiles.Hold file) implements Content {}

  /** Bytes of a slice that is copied, which is memory for each connection that waits. */
  int COPIED = 64 * 1024;

  /** Bytes of a slice that is not, which costs only time. */
  int UNCOPIED = 2 * 1024 * 1024;

  /** So much goes out together with the head, in one packet or a few. */
  int SMALL = 16 * 1024;

  /** Of how many bytes the next slice is. */
  default int slice(long left) {
    return (int) Math.min(left, this instanceof ZeroCopy ? UNCOPIED : COPIED);
  }

  /**
   * What to write to the channel.
   *
   * @throws IOException if a file cannot be read, or has become shorter
   */
  default Object part(ByteBufAllocator buffers, long from, int length) throws IOException {
    if (this instanceof ZeroCopy zeroCopy) {
      return new Region(zeroCopy.file().channel(), from, length);
    }
    ByteBuf buffer = buffers.ioBuffer(length);
    try {
      copy(buffer, from, length);
      return buffer;
    } catch (IOException | RuntimeException e) {
      buffer.release();
      throw e;
    }
  }

  /** Appends bytes to a buffer that has room for them. */
  default void copy(ByteBuf to, long from, int length) throws IOException {
    switch (this) {
      case Memory memory -> to.writeBytes(memory.bytes(), (int) from, length);
      case ZeroCopy zeroCopy -> read(zeroCopy.file().channel(), to, from, length);
      case Read read -> read(read.file().channel(), to, from, length);
    }
  }

  private static void read(FileChannel file, ByteBuf to, long from, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int now = to.writeBytes(file, from + done, length - done);
      if (now < 0) {
        throw new EOFException("ends at byte " + (from + done));
      }
      done += now;
    }
  }

  /** Gives back what it was read from. */
  default void done() {
    switch (this) {
      case Memory _ -> {}
      case ZeroCopy zeroCopy -> zeroCopy.file().close();
      case Read read -> read.file().close();
    }
  }

  /** A slice of a file that others read too, so it is not closed with the slice. */
  final class Region extends DefaultFileRegion {
    Region(FileChannel file, long from, long length) {
      super(file, from, length);
    }

    @Override
    protected void deallocate() {
      // The holder closes the file.
    }
  }
}
