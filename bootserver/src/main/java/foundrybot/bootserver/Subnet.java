// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.net.InetAddress;

/**
 * The addresses that share their first bits, IPv4 or IPv6.
 *
 * @param address any of them
 * @param prefixLength how many bits they share, 0..32 or 0..128
 */
public record Subnet(InetAddress address, int prefixLength) {
  public Subnet {
    int bits = address.getAddress().length * Byte.SIZE;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          "prefix length: " + prefixLength + " (expected: 0.." + bits + ")");
    }
  }

  /** Whether the other address is of the same family and shares the first bits. */
  public boolean contains(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] its = other.getAddress();
    if (mine.length != its.length) {
      return false;
    }
    for (int bit = 0; bit < prefixLength; bit += Byte.SIZE) {
      int rest = Math.min(Byte.SIZE, prefixLength - bit);
      int mask = 0xff << (Byte.SIZE - rest);
      if (((mine[bit / Byte.SIZE] ^ its[bit / Byte.SIZE]) & mask & 0xff) != 0) {
        return false;
      }
    }
    return true;
  }
}
