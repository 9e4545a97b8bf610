// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What the server sends (RFC 1350 section 5, RFC 2347). */
final class Packets {
  static final int HEADER = 4;

  private Packets() {}

  static ByteBuf oack(ByteBufAllocator allocator, Map<String, String> options) {
    ByteBuf out = allocator.directBuffer(64).writeShort(TftpMessage.OACK);
    options.forEach((name, value) -> string(string(out, name), value));
    return out;
  }

  static ByteBuf error(ByteBufAllocator allocator, int code, String text) {
    return string(allocator.directBuffer(64).writeShort(TftpMessage.ERROR).writeShort(code), text);
  }

  /** Blocks {@code from} to {@code to}, each with its header, one behind the other. */
  static ByteBuf data(
      ByteBufAllocator allocator, Content content, int blockSize, long from, long to)
      throws IOException {
    ByteBuf out = allocator.directBuffer((int) (to - from + 1) * (HEADER + blockSize));
    try {
      for (long block = from; block <= to; block++) {
        long position = (block - 1) * blockSize;
        out.writeShort(TftpMessage.DATA).writeShort((int) (block & 0xffff));
        content.read(out, position, (int) Math.min(blockSize, content.size() - position));
      }
      return out;
    } catch (IOException | RuntimeException e) {
      out.release();
      throw e;
    }
  }

  private static ByteBuf string(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
    return out.writeByte(0);
  }
}
