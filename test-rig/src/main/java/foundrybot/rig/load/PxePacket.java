// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * DHCP as x64 UEFI firmware writes it (RFC 2131, 2132, 4578), passed on by a relay, and what a
 * client must understand of an answer.
 */
final class PxePacket {
  static final int DISCOVER = 1;
  static final int OFFER = 2;
  static final int REQUEST = 3;
  static final int ACK = 5;
  static final int NAK = 6;

  private static final int COOKIE = 0x63825363;
  private static final int FIXED = 240;
  private static final int FILE_AT = 108;
  private static final int FILE_LENGTH = 128;
  private static final int LEAST = 300;
  private static final int LOCALLY_ADMINISTERED = 0x02be;
  private static final byte[] CLASS =
      "PXEClient:Arch:00007:UNDI:003016".getBytes(StandardCharsets.US_ASCII);

  /** Options that EDK2 asks for. */
  private static final byte[] WANTED = {
    1,
    2,
    3,
    4,
    5,
    6,
    12,
    13,
    15,
    17,
    18,
    22,
    23,
    28,
    40,
    41,
    42,
    43,
    50,
    51,
    54,
    58,
    59,
    60,
    66,
    67,
    97,
    (byte) 128,
    (byte) 129,
    (byte) 130,
    (byte) 131,
    (byte) 132,
    (byte) 133,
    (byte) 134,
    (byte) 135
  };

  /** Option 43 of a request to the boot server: item type 0x8000, layer 0 (PXE 2.1). */
  private static final byte[] BOOT_ITEM = {71, 4, (byte) 0x80, 0, 0, 0, (byte) 255};

  private PxePacket() {}

  /**
   * An answer.
   *
   * @param type option 53
   * @param address {@code yiaddr} as 32 bits
   * @param server option 54 as 32 bits, 0 without it
   * @param file the boot file of the header or of option 67; empty without one
   */
  record Answer(int type, int xid, int address, int server, String file) {}

  /** The MAC of the n-th machine of a load, with the given separator. */
  static String mac(int node, char separator) {
    return String.format(
            Locale.ROOT,
            "02:be:%02x:%02x:%02x:%02x",
            node >>> 24,
            node >> 16 & 0xff,
            node >> 8 & 0xff,
            node & 0xff)
        .replace(':', separator);
  }

  /** DISCOVER through a relay. */
  static void discover(ByteBuf out, int xid, int node, int relay) {
    begin(out, DISCOVER, xid, node, 0, relay);
    end(out);
  }

  /** REQUEST through a relay for an offered address. */
  static void request(ByteBuf out, int xid, int node, int relay, int address, int server) {
    begin(out, REQUEST, xid, node, 0, relay);
    number(out, 50, address);
    number(out, 54, server);
    end(out);
  }

  /** REQUEST to the boot server's port, from a client that has an address. */
  static void bootRequest(ByteBuf out, int xid, int node, int own) {
    begin(out, REQUEST, xid, node, own, 0);
    option(out, 43, BOOT_ITEM);
    end(out);
  }

  private static void begin(ByteBuf out, int type, int xid, int node, int ciaddr, int giaddr) {
    out.writeByte(1).writeByte(1).writeByte(6).writeByte(giaddr == 0 ? 0 : 1).writeInt(xid);
    out.writeInt(0).writeInt(ciaddr).writeLong(0).writeInt(giaddr);
    out.writeShort(LOCALLY_ADMINISTERED).writeInt(node);
    out.writeZero(FIXED - 4 - out.readableBytes()).writeInt(COOKIE);
    out.writeByte(53).writeByte(1).writeByte(type);
    out.writeByte(57).writeByte(2).writeShort(1472);
    option(out, 55, WANTED);
    out.writeByte(97).writeByte(17).writeByte(0).writeLong(0).writeShort(0);
    out.writeShort(LOCALLY_ADMINISTERED).writeInt(node);
    out.writeByte(94).writeByte(3).writeByte(1).writeByte(3).writeByte(16);
    out.writeByte(93).writeByte(2).writeShort(7);
    option(out, 60, CLASS);
  }

  private static void end(ByteBuf out) {
    out.writeByte(255);
    if (out.readableBytes() < LEAST) {
      out.writeZero(LEAST - out.readableBytes());
    }
  }

  private static void option(ByteBuf out, int code, byte[] value) {
    out.writeByte(code).writeByte(value.length).writeBytes(value);
  }

  private static void number(ByteBuf out, int code, int value) {
    out.writeByte(code).writeByte(4).writeInt(value);
  }

  /** Reads an answer without moving the buffer's indices; empty for what is none. */
  static Optional<Answer> parse(ByteBuf in) {
    int begin = in.readerIndex();
    int end = in.writerIndex();
    if (end - begin < FIXED || in.getByte(begin) != 2 || in.getInt(begin + FIXED - 4) != COOKIE) {
      return Optional.empty();
    }
    int type = 0;
    int server = 0;
    String file = text(in, begin + FILE_AT, FILE_LENGTH);
    int at = begin + FIXED;
    while (at + 1 < end) {
      int code = in.getUnsignedByte(at);
      if (code == 255) {
        break;
      }
      if (code == 0) {
        at++;
        continue;
      }
      int length = in.getUnsignedByte(at + 1);
      int value = at + 2;
      if (value + length > end) {
        return Optional.empty();
      }
      switch (code) {
        case 53 -> type = length == 1 ? in.getByte(value) : 0;
        case 54 -> server = length == 4 ? in.getInt(value) : 0;
        case 67 -> file = length > 0 ? text(in, value, length) : file;
        default -> {
          // Not of interest to the load.
        }
      }
      at = value + length;
    }
    return Optional.of(new Answer(type, in.getInt(begin + 4), in.getInt(begin + 16), server, file));
  }

  private static String text(ByteBuf in, int at, int length) {
    int end = in.indexOf(at, at + length, (byte) 0);
    int size = end < 0 ? length : end - at;
    return size == 0 ? "" : in.toString(at, size, StandardCharsets.US_ASCII);
  }
}
