// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a client may send (RFC 1350 section 5, RFC 2347). */
sealed interface TftpMessage {
  int RRQ = 1;
  int WRQ = 2;
  int DATA = 3;
  int ACK = 4;
  int ERROR = 5;
  int OACK = 6;

  /** Most bytes of a datagram that is looked at; RFC 2347 allows 512 for a request. */
  int MAX_BYTES = 1024;

  /** Least bytes behind the opcode of a write request: a letter, {@code octet}, two NULs. */
  int WRITE_LEAST = 8;

  /** Most options of one request. */
  int MAX_OPTIONS = 16;

  /**
   * A request to read.
   *
   * @param name as it came, without its NUL
   * @param mode in lower case
   * @param options names in lower case, in the order in which they came; of two alike the first
   */
  @SuppressWarnings("ArrayRecordComponent") // read once
  record Read(byte[] name, String mode, Map<String, String> options) implements TftpMessage {}

  /** A request to write: refused always. */
  record Write() implements TftpMessage {}

  /**
   * A block has arrived.
   *
   * @param block 0..65535
   */
  record Ack(int block) implements TftpMessage {}

  /**
   * The client ends the transfer.
   *
   * @param text printable ASCII, at most 80 characters
   */
  record Failure(int code, String text) implements TftpMessage {}

  /**
   * None of these.
   *
   * @param reason a short stable token
   * @param request whether it was at least meant as a request, so that an answer helps somebody
   */
  record Malformed(String reason, boolean request) implements TftpMessage {}

  static TftpMessage decode(ByteBuf in) {
    if (in.readableBytes() < 2) {
      return new Malformed("short", false);
    }
    int opcode = in.readUnsignedShort();
    return switch (opcode) {
      case RRQ -> read(in);
      // Without name and mode it is nothing that needs an answer.
      case WRQ -> in.readableBytes() < WRITE_LEAST ? new Malformed("write", false) : new Write();
      case ACK ->
          in.readableBytes() < 2 ? new Malformed("ack", false) : new Ack(in.readUnsignedShort());
      case ERROR ->
          in.readableBytes() < 2
              ? new Malformed("error", false)
              : new Failure(in.readUnsignedShort(), text(in));
      case DATA, OACK -> new Malformed("server-packet", false);
      default -> new Malformed("opcode", false);
    };
  }

  private static TftpMessage read(ByteBuf in) {
    if (in.readableBytes() > MAX_BYTES) {
      return new Malformed("long", true);
    }
    int end = in.bytesBefore((byte) 0);
    if (end < 0) {
      return new Malformed("name", true);
    }
    byte[] name = new byte[end];
    in.readBytes(name).skipBytes(1);
    end = in.bytesBefore((byte) 0);
    if (end < 0) {
      return new Malformed("mode", true);
    }
    String mode = string(in, end);
    Map<String, String> options = new LinkedHashMap<>();
    while (in.isReadable()) {
      end = in.bytesBefore((byte) 0);
      if (end <= 0) {
        // Old ROMs fill the datagram up; what is no option is nothing.
        break;
      }
      String option = string(in, end);
      end = in.bytesBefore((byte) 0);
      if (end < 0) {
        return new Malformed("option", true);
      }
      String value = string(in, end);
      if (options.size() == MAX_OPTIONS) {
        return new Malformed("options", true);
      }
      options.putIfAbsent(option, value);
    }
    return new Read(name, mode, options);
  }

  private static String string(ByteBuf in, int length) {
    String text = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    in.skipBytes(length + 1);
    return text.toLowerCase(Locale.ROOT);
  }

  private static String text(ByteBuf in) {
    int end = in.bytesBefore((byte) 0);
    int length = Math.min(end < 0 ? in.readableBytes() : end, 80);
    return in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1)
        .replaceAll("[^\\x20-\\x7e]", "?");
  }
}
