// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Messages by hand, and netty's decoder as a second opinion on ours. */
final class Wire {
  static final int A = 1;
  static final int NS = 2;
  static final int SOA = 6;
  static final int PTR = 12;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int OPT = 41;
  static final int ANY = 255;

  private Wire() {}

  static byte[] name(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : text.split("\\.", -1)) {
      if (!label.isEmpty()) {
        out.write(label.length());
        out.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    out.write(0);
    return out.toByteArray();
  }

  static byte[] u16(int... values) {
    ByteBuffer out = ByteBuffer.allocate(values.length * 2);
    for (int value : values) {
      out.putShort((short) value);
    }
    return out.array();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] question(String name, int type) {
    return join(name(name), u16(type, 1));
  }

  /** A question with RD. */
  static byte[] query(int id, String name, int type) {
    return join(u16(id, 0x0100, 1, 0, 0, 0), question(name, type));
  }

  static byte[] opt(int size, int version, boolean dnssec) {
    return join(new byte[1], u16(OPT, size, version, dnssec ? 0x8000 : 0, 0));
  }

  static byte[] ednsQuery(int id, String name, int type, int size) {
    return join(u16(id, 0x0100, 1, 0, 0, 1), question(name, type), opt(size, 0, false));
  }

  static byte[] record(byte[] owner, int type, long ttl, byte[] data) {
    return join(owner, u16(type, 1, (int) (ttl >> 16), (int) ttl, data.length), data);
  }

  static byte[] pointer(int offset) {
    return u16(0xc000 | offset);
  }

  static byte[] soa(long minimum) {
    return join(pointer(12), pointer(12), new byte[16], u16((int) (minimum >> 16), (int) minimum));
  }

  /** The question's octets in a message. */
  static byte[] questionOf(byte[] query) throws Malformed {
    WireReader reader = new WireReader(query, 12);
    reader.question();
    return java.util.Arrays.copyOfRange(query, 12, reader.at());
  }

  static int id(byte[] message) {
    return ByteBuffer.wrap(message).getShort() & 0xffff;
  }

  static int flags(byte[] message) {
    return ByteBuffer.wrap(message).getShort(2) & 0xffff;
  }

  static int rcode(byte[] message) {
    return flags(message) & 0xf;
  }

  static int count(byte[] message, int section) {
    return ByteBuffer.wrap(message).getShort(4 + 2 * section) & 0xffff;
  }

  /** As netty reads it. */
  static DnsResponse response(byte[] message) {
    EmbeddedChannel channel = new EmbeddedChannel(new DatagramDnsResponseDecoder());
    InetSocketAddress somewhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);
    channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(message), somewhere, somewhere));
    DnsResponse response = channel.readInbound();
    channel.finish();
    return response;
  }

  /** The records of a section, as text without their TTL. */
  static List<String> records(byte[] message, DnsSection section) {
    DnsResponse response = response(message);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < response.count(section); i++) {
      DnsRecord record = response.recordAt(section, i);
      records.add(record.name() + " " + record.type().name() + " " + data(record));
    }
    response.release();
    return records;
  }

  static List<String> answers(byte[] message) {
    return records(message, DnsSection.ANSWER);
  }

  private static String data(DnsRecord record) {
    try {
      return switch (record) {
        case DnsPtrRecord ptr -> ptr.hostname();
        case DnsRawRecord raw when raw.type().intValue() == A || raw.type().intValue() == AAAA -> {
          byte[] address = new byte[raw.content().readableBytes()];
          raw.content().getBytes(raw.content().readerIndex(), address);
          yield InetAddress.getByAddress(address).getHostAddress();
        }
        case DnsRawRecord raw when raw.type().intValue() == SRV -> {
          int at = raw.content().readerIndex();
          yield raw.content().getUnsignedShort(at)
              + " "
              + raw.content().getUnsignedShort(at + 2)
              + " "
              + raw.content().getUnsignedShort(at + 4)
              + " "
              + io.netty.handler.codec.dns.DefaultDnsRecordDecoder.decodeName(
                  raw.content().slice(at + 6, raw.content().readableBytes() - 6));
        }
        default -> "";
      };
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
