// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.ByteArrayOutputStream;

/**
 * Reads a message from its first octet on and never past its last (RFC 1035 section 4).
 *
 * <p>Compression pointers must lead backwards, each further than the one before, so that they end.
 * netty's own decoder is not used here: it turns names into text, in which a dot inside of a label
 * cannot be told from one between two, and it keeps neither all flags nor where a TTL stands.
 */
final class WireReader {
  static final int HEADER = 12;
  private static final int POINTER = 0xc0;

  /** A name has at most 127 labels, and no use for more pointers than labels. */
  private static final int MOST_POINTERS = 127;

  private final byte[] message;
  private int at;

  WireReader(byte[] message, int at) {
    this.message = message;
    this.at = at;
  }

  /** One record without its data. */
  record Head(
      Name owner, DnsRecordType type, int dnsClass, int ttlAt, long ttl, int data, int length) {}

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
    at += length;
    return new Head(owner, type, dnsClass, ttlAt, ttl, data, length);
  }

  /** Reads a name, which may go on elsewhere, and stands behind what of it is here. */
  Name name() throws Malformed {
    ByteArrayOutputStream wire = new ByteArrayOutputStream(64);
    int behind = -1;
    int bound = at;
    int pointers = 0;
    while (true) {
      int length = u8();
      if ((length & POINTER) == POINTER) {
        int target = (length & ~POINTER) << 8 | u8();
        if (target < HEADER || target >= bound || ++pointers > MOST_POINTERS) {
          throw new Malformed("pointer");
        }
        if (behind < 0) {
          behind = at;
        }
        bound = target;
        at = target;
      } else if (length > Name.MAX_LABEL) {
        throw new Malformed("label");
      } else {
        wire.write(length);
        if (wire.size() + length > Name.MAX_OCTETS) {
          throw new Malformed("name-too-long");
        }
        if (length == 0) {
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
}
