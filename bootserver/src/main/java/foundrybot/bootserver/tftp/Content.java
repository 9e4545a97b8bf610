// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** What a transfer sends. */
sealed interface Content extends AutoCloseable {
  long size();

  /** Appends {@code length} bytes from {@code position}. */
  void read(ByteBuf to, long position, int length) throws IOException;

  @Override
  void close() throws IOException;

  static Content open(TftpAnswer.File file) throws IOException {
    return new OfFile(FileChannel.open(file.path(), StandardOpenOption.READ), file.size());
  }

  /** A file; boot programs lie in the page cache, so reading them does not wait for a disk. */
  record OfFile(FileChannel channel, long size) implements Content {
    @Override
    public void read(ByteBuf to, long position, int length) throws IOException {
      int left = length;
      while (left > 0) {
        int n = to.writeBytes(channel, position + length - left, left);
        if (n <= 0) {
          throw new EOFException(
              "ends at %d (expected: %d bytes)".formatted(position + length - left, size));
        }
        left -= n;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Made for this request. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record OfBytes(byte[] bytes) implements Content {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(ByteBuf to, long position, int length) {
      to.writeBytes(bytes, (int) position, length);
    }

    @Override
    public void close() {}
  }
}
