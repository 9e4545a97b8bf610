// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.Optional;

/** An address together with the size of the subnet it lives in: {@code 10.77.0.12/24}. */
public record Cidr(Inet4Address address, int prefixLength) {
  public Cidr {
    if (prefixLength < 0 || prefixLength > 32) {
      throw new IllegalArgumentException("prefix length: " + prefixLength + " (expected: 0..32)");
    }
  }

  /** Reads {@code a.b.c.d/n}; empty for anything else, also for an address without a length. */
  public static Optional<Cidr> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d|[12]\\d|3[0-2]")) {
      return Optional.empty();
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    return Ipv4.parse(text.substring(0, slash)).map(address -> new Cidr(address, length));
  }

  /** Whether the other address is in this subnet. */
  public boolean contains(Inet4Address other) {
    return ((Ipv4.bits(address) ^ Ipv4.bits(other)) & maskBits()) == 0;
  }

  /** The subnet's mask, such as 255.255.255.0. */
  public Inet4Address mask() {
    return Ipv4.of(maskBits());
  }

  /** The subnet's first address, which no machine can have. */
  public Inet4Address network() {
    return Ipv4.of(Ipv4.bits(address) & maskBits());
  }

  /** The subnet's last address, which no machine can have. */
  public Inet4Address broadcast() {
    return Ipv4.of(Ipv4.bits(address) | ~maskBits());
  }

  private int maskBits() {
    return prefixLength == 0 ? 0 : -1 << (32 - prefixLength);
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefixLength;
  }
}
