// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The client's side of DHCP on the wire (RFC 2131, 2132, 4578), written apart from the server's
 * codec, so that both do not agree on one mistake.
 */
public final class DhcpWire {
  public static final int DISCOVER = 1;
  public static final int OFFER = 2;
  public static final int REQUEST = 3;
  public static final int DECLINE = 4;
  public static final int ACK = 5;
  public static final int NAK = 6;

  private static final int FIXED = 236;
  private static final int COOKIE = 0x63825363;
  private static final int FILE_AT = 108;
  private static final int FILE_LENGTH = 128;

  private DhcpWire() {}

  /**
   * A request to be written.
   *
   * @param xid what the answer must repeat
   * @param hops 1 if a relay has passed it on
   * @param ciaddr the client's address if it has one
   * @param giaddr the relay's; 0.0.0.0 without one
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Query(
      int xid,
      int hops,
      boolean broadcast,
      Inet4Address ciaddr,
      Inet4Address giaddr,
      byte[] mac,
      Map<Integer, byte[]> options) {

    /** The same as a relay passes it on. */
    public Query viaRelay(Inet4Address relay) {
      return new Query(xid, 1, broadcast, ciaddr, relay, mac, options);
    }

    /** As it goes over the wire. */
    public byte[] bytes() {
      ByteBuffer fixed = ByteBuffer.allocate(FIXED + 4);
      fixed.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) hops).putInt(xid);
      fixed.putShort((short) 0).putShort((short) (broadcast ? 0x8000 : 0));
      fixed.put(ciaddr.getAddress()).putInt(0).putInt(0).put(giaddr.getAddress()).put(mac);
      fixed.position(FIXED);
      fixed.putInt(COOKIE);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(fixed.array());
      // Option 53 first, the others by number: the order that real ROMs use.
      new TreeMap<>(options)
          .forEach(
              (code, value) -> {
                if (code == 53) {
                  return;
                }
                put(out, code, value);
              });
      byte[] rest = out.toByteArray();
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.write(rest, 0, FIXED + 4);
      put(packet, 53, options.getOrDefault(53, new byte[0]));
      packet.write(rest, FIXED + 4, rest.length - FIXED - 4);
      packet.write(255);
      return packet.toByteArray();
    }

    private static void put(ByteArrayOutputStream out, int code, byte[] value) {
      out.write(code);
      out.write(value.length);
      out.writeBytes(value);
    }
  }

  /** An answer as the client reads it. */
  public record Answer(
      int xid,
      int type,
      Inet4Address yiaddr,
      Inet4Address siaddr,
      String file,
      Map<Integer, byte[]> options) {

    public Optional<byte[]> option(int code) {
      return Optional.ofNullable(options.get(code));
    }

    /** The boot file: the header's, else option 67. */
    public String bootFile() {
      return file.isEmpty() ? option(67).map(DhcpWire::untilNul).orElse("") : file;
    }

    /** Sub-option 6 of option 43, bit 3: the file of the offer is to be used without asking. */
    public boolean skipsDiscovery() {
      byte[] vendor = option(43).orElse(new byte[0]);
      int at = 0;
      while (at + 1 < vendor.length && vendor[at] != (byte) 255) {
        if (vendor[at] == 0) {
          at++;
          continue;
        }
        if (vendor[at] == 6 && at + 2 < vendor.length) {
          return (vendor[at + 2] & 8) != 0;
        }
        at += 2 + (vendor[at + 1] & 0xff);
      }
      return false;
    }

    public boolean hasClass(String name) {
      return option(60).map(DhcpWire::untilNul).filter(text -> text.startsWith(name)).isPresent();
    }
  }

  /** Empty for anything that a strict client would drop. */
  public static Optional<Answer> read(byte[] packet, byte[] mac) {
    ByteBuffer in = ByteBuffer.wrap(packet);
    // Shorter ones are dropped by BOOTP relays and old ROMs (RFC 951).
    if (packet.length < 300 || packet[0] != 2 || in.getInt(FIXED) != COOKIE) {
      return Optional.empty();
    }
    for (int i = 0; i < mac.length; i++) {
      if (packet[28 + i] != mac[i]) {
        return Optional.empty();
      }
    }
    Map<Integer, byte[]> options = new TreeMap<>();
    int at = FIXED + 4;
    while (at < packet.length && packet[at] != (byte) 255) {
      int code = packet[at] & 0xff;
      if (code == 0) {
        at++;
        continue;
      }
      if (at + 1 >= packet.length || at + 2 + (packet[at + 1] & 0xff) > packet.length) {
        return Optional.empty();
      }
      byte[] value = new byte[packet[at + 1] & 0xff];
      System.arraycopy(packet, at + 2, value, 0, value.length);
      options.merge(code, value, DhcpWire::joined);
      at += 2 + value.length;
    }
    byte[] type = options.getOrDefault(53, new byte[0]);
    if (at >= packet.length || type.length != 1) {
      return Optional.empty();
    }
    byte[] file = new byte[FILE_LENGTH];
    System.arraycopy(packet, FILE_AT, file, 0, FILE_LENGTH);
    return Optional.of(
        new Answer(
            in.getInt(4),
            type[0],
            address(packet, 16),
            address(packet, 20),
            untilNul(file),
            options));
  }

  /** The transaction that a packet belongs to; empty if it is too short to have one. */
  static Optional<Integer> xid(byte[] packet) {
    return packet.length < 8 ? Optional.empty() : Optional.of(ByteBuffer.wrap(packet).getInt(4));
  }

  public static byte[] text(String value) {
    return value.getBytes(StandardCharsets.US_ASCII);
  }

  public static Inet4Address address(byte[] bytes, int at) {
    byte[] octets = new byte[4];
    System.arraycopy(bytes, at, octets, 0, 4);
    try {
      return (Inet4Address) InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four octets are an address", e);
    }
  }

  static String untilNul(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.US_ASCII);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
