// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.ByteArrayOutputStream;
import java.util.BitSet;
import java.util.Map;

/**
 * Reads a message from its first octet on and never past its last (RFC 1035 section 4).
 *
 * <p>What a compression pointer leads to must lie as a whole before the name that has the pointer,
 * so that names end, and not in a TTL, which is another one when the message is passed on. netty's
 * own decoder is not used here: it turns names into text, in which a dot inside of a label cannot
 * be told from one between two, and it keeps neither all flags nor where a TTL stands.
 */
final class WireReader {
  static final int HEADER = 12;
  private static final int POINTER = 0xc0;

  /** A name has at most 127 labels, and no use for more pointers than labels. */
  private static final int MOST_POINTERS = 127;

  /**
   * The types whose data may hold compressed names (RFC 1035 section 3.3, RFC 3597 section 4), and
   * SRV, where some senders compress, too.
   */
  private static final Map<Integer, Layout> LAYOUTS =
      Map.ofEntries(
          Map.entry(2, new Layout("NS", 0, 1, 0)),
          Map.entry(3, new Layout("MD", 0, 1, 0)),
          Map.entry(4, new Layout("MF", 0, 1, 0)),
          Map.entry(5, new Layout("CNAME", 0, 1, 0)),
          Map.entry(6, new Layout("SOA", 0, 2, 20)),
          Map.entry(7, new Layout("MB", 0, 1, 0)),
          Map.entry(8, new Layout("MG", 0, 1, 0)),
          Map.entry(9, new Layout("MR", 0, 1, 0)),
          Map.entry(12, new Layout("PTR", 0, 1, 0)),
          Map.entry(14, new Layout("MINFO", 0, 2, 0)),
          Map.entry(15, new Layout("MX", 2, 1, 0)),
          Map.entry(33, new Layout("SRV", 6, 1, 0)));

  private final byte[] message;
  private final BitSet ttls = new BitSet();
  private int at;

  WireReader(byte[] message, int at) {
    this.message = message;
    this.at = at;
  }

  /** One record without its data. */
  record Head(
      Name owner, DnsRecordType type, int dnsClass, int ttlAt, long ttl, int data, int length) {}

  /** Octets before the names in a record's data, number of names, octets behind them. */
  private record Layout(String type, int before, int names, int behind) {}

  int at() {
    return at;
  }

  boolean isAtEnd() {
    return at == message.length;
  }

  int u8() throws Malformed {
    if (at >= message.length) {
      throw new Malformed("truncated");
    }
    return message[at++] & 0xff;
  }

  int u16() throws Malformed {
    return u8() << 8 | u8();
  }

  long u32() throws Malformed {
    return (long) u16() << 16 | u16();
  }

  Question question() throws Malformed {
    return new Question(name(), DnsRecordType.valueOf(u16()), u16());
  }

  /** Reads a record and stands behind it. */
  Head record() throws Malformed {
    Name owner = name();
    DnsRecordType type = DnsRecordType.valueOf(u16());
    int dnsClass = u16();
    int ttlAt = at;
    long ttl = u32();
    int length = u16();
    int data = at;
    if (length > message.length - at) {
      throw new Malformed("truncated");
    }
    ttls.set(ttlAt, ttlAt + Integer.BYTES);
    checkNames(type, length);
    at = data + length;
    return new Head(owner, type, dnsClass, ttlAt, ttl, data, length);
  }

  /** Names that end elsewhere than the data says, or never, would reach the client as they are. */
  private void checkNames(DnsRecordType type, int length) throws Malformed {
    Layout layout = LAYOUTS.get(type.intValue());
    if (layout == null) {
      return;
    }
    int end = at + length;
    at += layout.before();
    for (int i = 0; i < layout.names(); i++) {
      if (at >= end) {
        throw new Malformed("rdata");
      }
      name();
    }
    if (at + layout.behind() != end) {
      throw new Malformed("rdata");
    }
  }

  /** Reads a name, which may go on elsewhere, and stands behind what of it is here. */
  Name name() throws Malformed {
    ByteArrayOutputStream wire = new ByteArrayOutputStream(64);
    int behind = -1;
    int begin = at;
    int end = message.length;
    int pointers = 0;
    while (true) {
      int length = u8();
      if ((length & POINTER) == POINTER) {
        int target = (length & ~POINTER) << 8 | u8();
        if (target < HEADER || target >= begin || ++pointers > MOST_POINTERS) {
          throw new Malformed("pointer");
        }
        checkPart(begin, end);
        if (behind < 0) {
          behind = at;
        }
        end = begin;
        begin = target;
        at = target;
      } else if (length > Name.MAX_LABEL) {
        throw new Malformed("label");
      } else {
        wire.write(length);
        if (wire.size() + length > Name.MAX_OCTETS) {
          throw new Malformed("name-too-long");
        }
        if (length == 0) {
          checkPart(begin, end);
          break;
        }
        if (length > message.length - at) {
          throw new Malformed("truncated");
        }
        wire.write(message, at, length);
        at += length;
      }
    }
    if (behind >= 0) {
      at = behind;
    }
    return Name.ofWire(wire.toByteArray());
  }

  /** A part of a name stands in [begin, at), and has to in [begin, end). */
  private void checkPart(int begin, int end) throws Malformed {
    int ttl = ttls.nextSetBit(begin);
    if (at > end || (ttl >= 0 && ttl < at)) {
      throw new Malformed("pointer");
    }
  }
}
