// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.HexFormat;
import java.util.Optional;

/**
 * An Ethernet hardware address (EUI-48) as it stands in {@code chaddr} (RFC 2131 section 2) or in a
 * path.
 *
 * @param bits the 48 bits, right-aligned
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  /** Bytes of an EUI-48. */
  public static final int LENGTH = 6;

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("MAC address: 0x" + Long.toHexString(bits) + " (48 bits)");
    }
  }

  /** Reads {@code 52:54:00:aa:00:01} or {@code 52-54-00-aa-00-01}; empty for anything else. */
  public static Optional<MacAddress> parse(String text) {
    if (text.length() != 3 * LENGTH - 1) {
      return Optional.empty();
    }
    char delimiter = text.charAt(2);
    if (delimiter != ':' && delimiter != '-') {
      return Optional.empty();
    }
    long bits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i % 3 == 2) {
        if (c != delimiter) {
          return Optional.empty();
        }
      } else if (HexFormat.isHexDigit(c)) {
        bits = bits << 4 | HexFormat.fromHexDigit(c);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new MacAddress(bits));
  }

  /** Takes six bytes from {@code offset}. */
  public static MacAddress of(byte[] bytes, int offset) {
    long bits = 0;
    for (int i = 0; i < LENGTH; i++) {
      bits = bits << 8 | (bytes[offset + i] & 0xff);
    }
    return new MacAddress(bits);
  }

  /** The six bytes in network order. */
  public byte[] toBytes() {
    byte[] bytes = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bytes[i] = (byte) (bits >>> (8 * (LENGTH - 1 - i)));
    }
    return bytes;
  }

  /** With hyphens, for paths: some firmware refuses a colon in a URL. */
  public String hyphenated() {
    return HexFormat.ofDelimiter("-").formatHex(toBytes());
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(toBytes());
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }
}
