// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a message lay in its datagram, as far as the message itself does not tell. What means
 * something is in the message alone; here is where its pieces were, and what nobody reads.
 */
sealed interface Layout {
  /**
   * The layout of what was read.
   *
   * @param in the datagram, which is well-formed
   * @param overload which header fields hold options: 1 {@code file}, 2 {@code sname}, 0 none
   * @param end where the options field was read to: its end mark, or the end of the datagram
   */
  static Layout of(Octets in, DhcpMessage message, int overload, int end) {
    return overload == 0 && isPlain(in, message, end)
        ? new Plain(in.length())
        : Pieces.of(in, message, overload);
  }

  private static boolean isPlain(Octets in, DhcpMessage message, int end) {
    int least = DhcpCodec.OPTIONS_OFFSET;
    for (DhcpOption option : message.options()) {
      least += 2 + option.value().length();
    }
    // A second piece or padding would have taken more.
    return end == least
        && end < in.length()
        && in.isZero(DhcpCodec.CHADDR_OFFSET + message.chaddr().length(), DhcpCodec.SNAME_OFFSET)
        && in.isZero(DhcpCodec.SNAME_OFFSET + message.sname().length(), DhcpCodec.FILE_OFFSET)
        && in.isZero(DhcpCodec.FILE_OFFSET + message.file().length(), DhcpCodec.COOKIE_OFFSET)
        && in.isZero(end + 1, in.length());
  }

  /** Whether {@code message} can have lain so. */
  boolean holds(DhcpMessage message);

  /**
   * As the codec lays out what it writes, which is how nearly all firmware does; this is all that
   * such a message costs.
   *
   * @param length of the datagram: the end mark is followed by zeros up to there
   */
  record Plain(int length) implements Layout {
    @Override
    public boolean holds(DhcpMessage message) {
      return DhcpCodec.OPTIONS_OFFSET + DhcpCodec.size(message.options()) < length;
    }
  }

  /**
   * Anything else that is well-formed: padding between options, options in several pieces (RFC
   * 3396) or in fields of the header (option 52), remains behind the end mark or behind a name.
   *
   * @param chaddr what follows the address in its field, up to the field's end; so the others
   * @param sname behind the name; all that is in the field where it holds options
   * @param file likewise
   * @param options all that is in the options field
   */
  record Pieces(List<Part> chaddr, List<Part> sname, List<Part> file, List<Part> options)
      implements Layout {
    public Pieces {
      chaddr = List.copyOf(chaddr);
      sname = List.copyOf(sname);
      file = List.copyOf(file);
      options = List.copyOf(options);
    }

    private static Pieces of(Octets in, DhcpMessage message, int overload) {
      int sname = DhcpCodec.SNAME_OFFSET;
      int file = DhcpCodec.FILE_OFFSET;
      int cookie = DhcpCodec.COOKIE_OFFSET;
      return new Pieces(
          remains(in, DhcpCodec.CHADDR_OFFSET + message.chaddr().length(), sname),
          (overload & DhcpCodec.IN_SNAME) != 0
              ? parts(in, sname, file)
              : remains(in, sname + message.sname().length(), file),
          (overload & DhcpCodec.IN_FILE) != 0
              ? parts(in, file, cookie)
              : remains(in, file + message.file().length(), cookie),
          parts(in, DhcpCodec.OPTIONS_OFFSET, in.length()));
    }

    private static List<Part> remains(Octets in, int from, int end) {
      int zeros = in.zerosBefore(end, from);
      List<Part> parts = new ArrayList<>(2);
      if (zeros > from) {
        parts.add(new Bytes(in.slice(from, zeros)));
      }
      if (end > zeros) {
        parts.add(new Zeros(end - zeros));
      }
      return parts;
    }

    private static List<Part> parts(Octets in, int from, int end) {
      List<Part> parts = new ArrayList<>();
      for (int at = from; at < end; at += parts.getLast().size()) {
        parts.add(part(in, at, end));
      }
      return parts;
    }

    private static Part part(Octets in, int at, int end) {
      int code = in.at(at);
      return switch (code) {
        case DhcpCodec.PAD -> new Zeros(in.zerosFrom(at, end) - at);
        case DhcpCodec.END -> new Bytes(in.slice(at, in.zerosBefore(end, at)));
        case DhcpOption.OVERLOAD -> new Bytes(in.slice(at, at + 2 + in.at(at + 1)));
        default -> new Piece(code, in.at(at + 1));
      };
    }

    /** Every field is filled, and every option used up, no more and no less. */
    @Override
    public boolean holds(DhcpMessage message) {
      Map<Integer, Integer> lengths = new HashMap<>();
      for (DhcpOption option : message.options()) {
        lengths.put(option.code(), option.value().length());
      }
      Map<Integer, Integer> used = new HashMap<>();
      for (List<Part> field : List.of(options, file, sname)) {
        for (Part part : field) {
          if (part instanceof Piece(int code, int length)) {
            used.merge(code, length, Integer::sum);
          }
        }
      }
      return used.equals(lengths)
          && message.chaddr().length() + size(chaddr) == DhcpMessage.CHADDR_LENGTH
          && message.sname().length() + size(sname) == DhcpMessage.SNAME_LENGTH
          && message.file().length() + size(file) == DhcpMessage.FILE_LENGTH;
    }

    private static int size(List<Part> parts) {
      return parts.stream().mapToInt(Part::size).sum();
    }

    /** Of the datagram. */
    int length() {
      return DhcpCodec.OPTIONS_OFFSET + size(options);
    }

    /**
     * Fills up a datagram.
     *
     * @param out holds the header; there is room for {@link #length()} bytes
     */
    void write(ByteBuf out, DhcpMessage message) {
      Map<Integer, ByteBuf> values = new HashMap<>();
      for (DhcpOption option : message.options()) {
        values.put(option.code(), Unpooled.wrappedBuffer(option.value().toArray()));
      }
      // In this order a value's pieces were joined.
      write(out, DhcpCodec.OPTIONS_OFFSET, options, values);
      write(out, DhcpCodec.FILE_OFFSET + message.file().length(), file, values);
      write(out, DhcpCodec.SNAME_OFFSET + message.sname().length(), sname, values);
      write(out, DhcpCodec.CHADDR_OFFSET + message.chaddr().length(), chaddr, values);
      out.writerIndex(length());
    }

    /** The values' reader indexes say how much of them is written. */
    private static void write(
        ByteBuf out, int offset, List<Part> parts, Map<Integer, ByteBuf> values) {
      out.writerIndex(offset);
      for (Part part : parts) {
        switch (part) {
          case Zeros(int count) -> out.writeZero(count);
          case Bytes(Octets bytes) -> bytes.write(out, 0, bytes.length());
          case Piece(int code, int length) ->
              out.writeByte(code).writeByte(length).writeBytes(values.get(code), length);
        }
      }
    }
  }

  /** Of a field, one after the other. */
  sealed interface Part {
    /** In bytes. */
    int size();
  }

  /** Padding between options, behind the end mark, or behind a name. */
  record Zeros(int count) implements Part {
    @Override
    public int size() {
      return count;
    }
  }

  /** What the message does not have: option 52, the end mark, and remains that nobody reads. */
  record Bytes(Octets bytes) implements Part {
    @Override
    public int size() {
      return bytes.length();
    }
  }

  /**
   * An option's code, a length, and as many bytes of its value, from where the last piece ended.
   */
  record Piece(int code, int length) implements Part {
    @Override
    public int size() {
      return 2 + length;
    }
  }
}
