// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * An address of either family with a prefix length: an interface's, or the destination of a route.
 *
 * @param length 0..32 or 0..128
 */
public record IpPrefix(InetAddress address, int length) {
  public IpPrefix {
    int most = address instanceof Inet4Address ? 32 : 128;
    if (length < 0 || length > most) {
      throw new IllegalArgumentException(
          "prefix length: " + length + " (expected: 0.." + most + ")");
    }
  }

  /** Reads {@code 10.90.0.5/24} or {@code fd00:90::5/64}; empty for anything else. */
  public static Optional<IpPrefix> parse(String text) {
    return Cidr.parse(text)
        .map(cidr -> new IpPrefix(cidr.address(), cidr.prefixLength()))
        .or(() -> Cidr6.parse(text).map(cidr -> new IpPrefix(cidr.address(), cidr.prefixLength())));
  }

  static IpPrefix of(Cidr cidr) {
    return new IpPrefix(cidr.address(), cidr.prefixLength());
  }

  boolean isV4() {
    return address instanceof Inet4Address;
  }

  /** An address as these files write it: IPv6 as RFC 5952 wants it. */
  static String text(InetAddress address) {
    return address instanceof Inet6Address six ? Cidr6.text(six) : address.getHostAddress();
  }

  @Override
  public String toString() {
    return text(address) + "/" + length;
  }
}
