// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;

/** Addresses from the first to the last, both included: what the DHCP server may lease. */
public record AddressRange(Inet4Address first, Inet4Address last) {
  /** Addresses that a DHCP server can lease from one range. */
  static final int MOST = 65_536;

  public AddressRange {
    if (Ipv4.number(first) > Ipv4.number(last)) {
      throw new IllegalArgumentException(
          "range: " + first.getHostAddress() + " is after " + last.getHostAddress());
    }
  }

  long size() {
    return Ipv4.number(last) - Ipv4.number(first) + 1;
  }

  public boolean contains(Inet4Address address) {
    long n = Ipv4.number(address);
    return Ipv4.number(first) <= n && n <= Ipv4.number(last);
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "-" + last.getHostAddress();
  }
}
