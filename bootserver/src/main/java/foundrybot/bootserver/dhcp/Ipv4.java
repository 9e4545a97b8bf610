// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Arithmetic on IPv4 addresses. */
final class Ipv4 {
  static final Inet4Address ANY = of(0);
  static final Inet4Address BROADCAST = of(0xffff_ffffL);

  private Ipv4() {}

  /** The address as a number, 0..2^32-1. */
  static long bits(Inet4Address address) {
    long bits = 0;
    for (byte b : address.getAddress()) {
      bits = bits << 8 | (b & 0xff);
    }
    return bits;
  }

  static Inet4Address of(long bits) {
    byte[] bytes = {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }

  static long mask(int prefixLength) {
    return 0xffff_ffffL << (32 - prefixLength) & 0xffff_ffffL;
  }

  static boolean sameSubnet(Inet4Address a, Inet4Address b, int prefixLength) {
    return ((bits(a) ^ bits(b)) & mask(prefixLength)) == 0;
  }
}
