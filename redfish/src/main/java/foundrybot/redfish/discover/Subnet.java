// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A range of IPv4 addresses to look in (CIDR, RFC 4632).
 *
 * @param network first address, as a number
 * @param prefix 16..32
 */
public record Subnet(int network, int prefix) {
  /** The widest: 65,536 addresses. Nobody has more BMCs, and a sweep would take an hour. */
  public static final int WIDEST = 16;

  private static final Pattern FORM =
      Pattern.compile("((?:\\d{1,3}\\.){3}\\d{1,3})(?:/(\\d{1,2}))?");

  public Subnet {
    if (prefix < WIDEST || prefix > 32) {
      throw new IllegalArgumentException("prefix: " + prefix + " (expected: 16..32)");
    }
    network &= mask(prefix);
  }

  /** Of {@code 10.0.0.0/24}, or of one address; bits behind the prefix are dropped. */
  public static Subnet parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw refused(text, "IPv4 addresses as 10.0.0.0/24, or one address");
    }
    int prefix = parts.group(2) == null ? 32 : Integer.parseInt(parts.group(2));
    if (prefix > 32) {
      throw refused(text, "a prefix of 16..32");
    }
    if (prefix < WIDEST) {
      throw refused(text, "a prefix of 16..32: at most 65,536 addresses; name smaller ranges");
    }
    int address = number(parts.group(1), text);
    int first = address >>> 24;
    if (first == 0 || first >= 224) {
      throw refused(text, "addresses of machines, not of groups or nobody");
    }
    return new Subnet(address, prefix);
  }

  /** Those that machines can have: without the network's own and its broadcast address. */
  Stream<Inet4Address> hosts() {
    long first = Integer.toUnsignedLong(network);
    long count = 1L << (32 - prefix);
    LongStream numbers =
        prefix >= 31
            ? LongStream.range(first, first + count)
            : LongStream.range(first + 1, first + count - 1);
    return numbers.mapToObj(number -> address((int) number));
  }

  boolean contains(Inet4Address address) {
    return (number(address) & mask(prefix)) == network;
  }

  /** Whether an interface with that address reaches into it without a router. */
  boolean touches(Inet4Address address, int length) {
    int shorter = Math.min(prefix, Math.clamp(length, 0, 32));
    return ((number(address) ^ network) & mask(shorter)) == 0;
  }

  @Override
  public String toString() {
    return address(network).getHostAddress() + "/" + prefix;
  }

  static int number(Inet4Address address) {
    return ByteBuffer.wrap(address.getAddress()).getInt();
  }

  private static int mask(int prefix) {
    return prefix == 0 ? 0 : -1 << (32 - prefix);
  }

  private static int number(String dotted, String text) {
    int number = 0;
    for (String part : dotted.split("\\.", -1)) {
      int octet = Integer.parseInt(part);
      if (octet > 255) {
        throw refused(text, "parts of 0..255");
      }
      number = number << 8 | octet;
    }
    return number;
  }

  private static Inet4Address address(int number) {
    try {
      byte[] bytes = ByteBuffer.allocate(4).putInt(number).array();
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static IllegalArgumentException refused(String text, String expected) {
    return new IllegalArgumentException("range: " + text + " (expected: " + expected + ")");
  }
}
