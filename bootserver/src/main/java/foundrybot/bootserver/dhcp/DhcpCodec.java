// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import foundrybot.bootserver.dhcp.Decoded.Fault;
import foundrybot.bootserver.dhcp.Decoded.Malformed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Between datagrams and messages (RFC 2131, 2132, 3396); throws nothing, whatever comes in. */
public final class DhcpCodec {
  /** Longest datagram that is read, and that is ever written, in bytes of UDP payload. */
  public static final int MAX_PACKET = 1472;

  /** Shorter BOOTP messages are dropped by some relays (RFC 1542 section 2.1). */
  static final int MIN_PACKET = 300;

  private static final long COOKIE = 0x63825363L;
  private static final int HLEN_OFFSET = 2;
  static final int CHADDR_OFFSET = 28;
  static final int SNAME_OFFSET = 44;
  static final int FILE_OFFSET = SNAME_OFFSET + DhcpMessage.SNAME_LENGTH;
  static final int COOKIE_OFFSET = FILE_OFFSET + DhcpMessage.FILE_LENGTH;
  static final int OPTIONS_OFFSET = COOKIE_OFFSET + 4;
  static final int PAD = 0;
  static final int END = 255;
  private static final int LONGEST_VALUE = 255;

  /** Values of option 52: which fields of the header hold options; 3 is both. */
  static final int IN_FILE = 1;

  static final int IN_SNAME = 2;

  /** Every client takes 576 bytes, headers of IP and UDP included (RFC 2131 section 2). */
  private static final int ASSUMED_SIZE = 576;

  private static final int HEADERS = 20 + 8;

  private DhcpCodec() {}

  /** Reads a datagram; its reader index is left alone. */
  public static Decoded decode(ByteBuf packet) {
    int length = packet.readableBytes();
    if (length < OPTIONS_OFFSET) {
      return new Malformed(
          length, Fault.TOO_SHORT, length + " bytes (expected: " + OPTIONS_OFFSET + " or more)");
    }
    if (length > MAX_PACKET) {
      return new Malformed(
          MAX_PACKET, Fault.TOO_LONG, length + " bytes (expected: at most " + MAX_PACKET + ")");
    }
    Octets in = Octets.of(packet);
    int op = in.at(0);
    if (op != DhcpMessage.REQUEST && op != DhcpMessage.REPLY) {
      return new Malformed(0, Fault.OP, "op: " + op + " (expected: 1 or 2)");
    }
    int hlen = in.at(HLEN_OFFSET);
    if (hlen > DhcpMessage.CHADDR_LENGTH) {
      return new Malformed(HLEN_OFFSET, Fault.HLEN, "hlen: " + hlen + " (expected: 0..16)");
    }
    if (in.u32(COOKIE_OFFSET) != COOKIE) {
      return new Malformed(
          COOKIE_OFFSET,
          Fault.MAGIC_COOKIE,
          "0x%08x (expected: 0x%08x)".formatted(in.u32(COOKIE_OFFSET), COOKIE));
    }
    OptionReader reader = new OptionReader(in);
    Optional<Malformed> fault = reader.readAll(length);
    return fault.isPresent() ? fault.get() : message(in, op, hlen, reader);
  }

  private static Decoded message(Octets in, int op, int hlen, OptionReader options) {
    DhcpMessage message =
        new DhcpMessage(
            op,
            in.at(1),
            in.at(3),
            (int) in.u32(4),
            in.u16(8),
            in.u16(10),
            Ipv4.of(in.u32(12)),
            Ipv4.of(in.u32(16)),
            Ipv4.of(in.u32(20)),
            Ipv4.of(in.u32(24)),
            in.slice(CHADDR_OFFSET, CHADDR_OFFSET + hlen),
            options.isIn(IN_SNAME) ? "" : in.untilNul(SNAME_OFFSET, FILE_OFFSET),
            options.isIn(IN_FILE) ? "" : in.untilNul(FILE_OFFSET, COOKIE_OFFSET),
            options.options);
    return new Decoded.Message(message, Layout.of(in, message, options.overload, options.end));
  }

  /** Collects options from the three areas that may hold them. */
  private static final class OptionReader {
    private final Octets in;
    private final List<DhcpOption> options = new ArrayList<>();
    private final BitSet seen = new BitSet(256);
    private int at;
    private int overload;

    /** Where the options field was read to. */
    private int end;

    OptionReader(Octets in) {
      this.in = in;
    }

    Optional<Malformed> readAll(int length) {
      Optional<Malformed> fault = read(OPTIONS_OFFSET, length);
      end = at;
      Optional<Octets> overloaded = removeOverload();
      if (fault.isPresent() || overloaded.isEmpty()) {
        return fault;
      }
      Octets fields = overloaded.get();
      if (fields.length() != 1 || fields.at(0) < 1 || fields.at(0) > (IN_FILE | IN_SNAME)) {
        return Optional.of(
            new Malformed(
                OPTIONS_OFFSET,
                Fault.OVERLOAD,
                fields.length() == 1
                    ? "option 52: " + fields.at(0) + " (expected: 1..3)"
                    : "option 52: " + fields.length() + " bytes (expected: one byte, 1..3)"));
      }
      overload = fields.at(0);
      // First file, then sname: a value split over both is joined in this order (RFC 3396 5).
      if (isIn(IN_FILE)) {
        fault = read(FILE_OFFSET, COOKIE_OFFSET);
      }
      if (fault.isEmpty() && isIn(IN_SNAME)) {
        fault = read(SNAME_OFFSET, FILE_OFFSET);
      }
      return fault;
    }

    boolean isIn(int field) {
      return (overload & field) != 0;
    }

    /** A missing end mark is let pass: the end of the area says the same. */
    private Optional<Malformed> read(int from, int to) {
      at = from;
      while (at < to) {
        int code = in.at(at);
        if (code == END) {
          break;
        }
        if (code == PAD) {
          at++;
          continue;
        }
        int left = to - at - 2;
        int length = left < 0 ? 0 : in.at(at + 1);
        if (left < length) {
          return Optional.of(
              new Malformed(
                  at,
                  Fault.OPTION_LENGTH,
                  "option %d: %d bytes left (expected: %s)"
                      .formatted(code, Math.max(left, 0), left < 0 ? "a length" : length)));
        }
        add(code, in.slice(at + 2, at + 2 + length));
        at += 2 + length;
      }
      return Optional.empty();
    }

    /** A code that is there already goes on with its value (RFC 3396 section 5). */
    private void add(int code, Octets value) {
      if (!seen.get(code)) {
        seen.set(code);
        options.add(new DhcpOption(code, value));
        return;
      }
      for (int i = 0; i < options.size(); i++) {
        if (options.get(i).code() == code) {
          options.set(i, new DhcpOption(code, options.get(i).value().plus(value)));
        }
      }
    }

    /** Once it is taken out, it counts nowhere else. */
    private Optional<Octets> removeOverload() {
      for (int i = 0; i < options.size(); i++) {
        if (options.get(i).code() == DhcpOption.OVERLOAD) {
          return Optional.of(options.remove(i).value());
        }
      }
      return Optional.empty();
    }
  }

  /** What became of a message that was to be written. */
  public sealed interface Encoded {
    /**
     * It fits.
     *
     * @param packet on the heap; the receiver of this value owns it
     * @param dropped options left out for want of room
     */
    record Packet(ByteBuf packet, List<Integer> dropped) implements Encoded {}

    /** It does not fit, even with everything left out that may be. */
    record TooLong(int bytes, int limit) implements Encoded {}
  }

  /**
   * The UDP payload that the sender of {@code request} takes (option 57, RFC 2132 section 9.10).
   * Whether that option counts the IP and UDP headers is disputed; here it does, which is safe.
   */
  public static int limit(DhcpMessage request) {
    int size =
        request
            .option(DhcpOption.MAX_MESSAGE_SIZE)
            .filter(v -> v.length() == 2)
            .map(v -> v.u16(0))
            .orElse(ASSUMED_SIZE);
    return Math.clamp(size, ASSUMED_SIZE, MAX_PACKET + HEADERS) - HEADERS;
  }

  /**
   * Writes a message, padded to 300 bytes. Where it is longer than {@code limit}, options that an
   * answer can do without go to the unused header fields, {@code file} first (option 52, RFC 2132
   * section 9.3), and those that fit nowhere are left out, the last ones first.
   */
  public static Encoded encode(DhcpMessage message, int limit) {
    int size = OPTIONS_OFFSET + 1 + size(message.options());
    if (size <= limit) {
      return new Encoded.Packet(plain(message, Math.max(size, MIN_PACKET)), List.of());
    }
    Packing packing = Packing.of(message, limit - OPTIONS_OFFSET - 1);
    int essential = OPTIONS_OFFSET + 1 + size(packing.options());
    if (essential > limit) {
      return new Encoded.TooLong(essential, limit);
    }
    ByteBuf out = Unpooled.buffer(Math.max(limit, MIN_PACKET));
    writeHeader(out, message);
    writeOptions(out, packing.options());
    writeArea(out, FILE_OFFSET, packing.file());
    writeArea(out, SNAME_OFFSET, packing.sname());
    return new Encoded.Packet(ended(out, MIN_PACKET), packing.dropped());
  }

  /** Writes a message in the form in which it was received: the same datagram, byte for byte. */
  public static ByteBuf encode(Decoded.Message received) {
    DhcpMessage message = received.message();
    return switch (received.layout()) {
      case Layout.Plain(int length) -> plain(message, length);
      case Layout.Pieces pieces -> {
        ByteBuf out = Unpooled.buffer(pieces.length());
        writeHeader(out, message);
        pieces.write(out, message);
        yield out;
      }
    };
  }

  /** All options in the options field, each as it stands, and zeros up to {@code length}. */
  private static ByteBuf plain(DhcpMessage message, int length) {
    ByteBuf out = Unpooled.buffer(length);
    writeHeader(out, message);
    writeOptions(out, message.options());
    return ended(out, length);
  }

  private static ByteBuf ended(ByteBuf out, int length) {
    out.writeByte(END);
    return out.writeZero(Math.max(0, length - out.writerIndex()));
  }

  private static void writeArea(ByteBuf out, int offset, List<DhcpOption> options) {
    if (!options.isEmpty()) {
      ByteBuf area = Unpooled.buffer();
      writeOptions(area, options);
      out.setBytes(offset, area.writeByte(END));
    }
  }

  private static void writeHeader(ByteBuf out, DhcpMessage message) {
    out.writeByte(message.op());
    out.writeByte(message.htype());
    out.writeByte(message.chaddr().length());
    out.writeByte(message.hops());
    out.writeInt(message.xid());
    out.writeShort(message.secs());
    out.writeShort(message.flags());
    out.writeInt((int) Ipv4.bits(message.ciaddr()));
    out.writeInt((int) Ipv4.bits(message.yiaddr()));
    out.writeInt((int) Ipv4.bits(message.siaddr()));
    out.writeInt((int) Ipv4.bits(message.giaddr()));
    message.chaddr().write(out, 0, message.chaddr().length());
    out.writeZero(SNAME_OFFSET - out.writerIndex());
    out.writeBytes(message.sname().getBytes(ISO_8859_1));
    out.writeZero(FILE_OFFSET - out.writerIndex());
    out.writeBytes(message.file().getBytes(ISO_8859_1));
    out.writeZero(COOKIE_OFFSET - out.writerIndex());
    out.writeInt((int) COOKIE);
  }

  private static void writeOptions(ByteBuf out, List<DhcpOption> options) {
    for (DhcpOption option : options) {
      Octets value = option.value();
      int at = 0;
      do {
        int part = Math.min(LONGEST_VALUE, value.length() - at);
        out.writeByte(option.code());
        out.writeByte(part);
        value.write(out, at, part);
        at += part;
      } while (at < value.length());
    }
  }

  static int size(List<DhcpOption> options) {
    int size = 0;
    for (DhcpOption option : options) {
      size += size(option);
    }
    return size;
  }

  static int size(DhcpOption option) {
    int length = option.value().length();
    return length + 2 * Math.max(1, (length + LONGEST_VALUE - 1) / LONGEST_VALUE);
  }
}
