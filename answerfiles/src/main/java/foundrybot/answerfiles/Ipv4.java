// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** IPv4 arithmetic; addresses cross the module's border as {@link Inet4Address}. */
final class Ipv4 {
  private static final Pattern DOTTED =
      Pattern.compile(
          "(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})");

  private Ipv4() {}

  /** Four decimal numbers without leading zeros, which other programs would read as octal. */
  static Optional<Inet4Address> parse(String text) {
    Matcher m = DOTTED.matcher(text);
    if (!m.matches()) {
      return Optional.empty();
    }
    int bits = 0;
    for (int i = 1; i <= 4; i++) {
      int octet = Integer.parseInt(m.group(i));
      if (octet > 255) {
        return Optional.empty();
      }
      bits = bits << 8 | octet;
    }
    return Optional.of(of(bits));
  }

  static Inet4Address of(int bits) {
    byte[] octets = {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
    try {
      return (Inet4Address) InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four octets are always an address", e);
    }
  }

  static int bits(Inet4Address address) {
    byte[] o = address.getAddress();
    return (o[0] & 255) << 24 | (o[1] & 255) << 16 | (o[2] & 255) << 8 | (o[3] & 255);
  }

  /** For comparing, as Java's integers are signed. */
  static long number(Inet4Address address) {
    return Integer.toUnsignedLong(bits(address));
  }
}
