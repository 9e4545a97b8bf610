// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** An IPv6 address together with the size of the subnet it lives in: {@code fd77:0:0:1::5/64}. */
public record Cidr6(Inet6Address address, int prefixLength) {
  private static final int GROUPS = 8;

  public Cidr6 {
    if (prefixLength < 0 || prefixLength > 128) {
      throw new IllegalArgumentException("prefix length: " + prefixLength + " (expected: 0..128)");
    }
  }

  /** Reads {@code ADDRESS/n}; empty for anything else, also for an address with a zone. */
  public static Optional<Cidr6> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d|[1-9]\\d|1[01]\\d|12[0-8]")) {
      return Optional.empty();
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    return address(text.substring(0, slash)).map(address -> new Cidr6(address, length));
  }

  private static Optional<Inet6Address> address(String text) {
    if (!text.matches("[0-9A-Fa-f:]{2,39}")) {
      return Optional.empty();
    }
    try {
      return InetAddress.ofLiteral(text) instanceof Inet6Address address
          ? Optional.of(address)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the address is the first of its subnet. */
  boolean isNetwork() {
    byte[] octets = address.getAddress();
    for (int bit = prefixLength; bit < 128; bit++) {
      if ((octets[bit / 8] >>> (7 - bit % 8) & 1) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether this is a subnet of unique local addresses that sites may take, fd00::/8 (RFC 4193).
   */
  boolean isUniqueLocal() {
    return (address.getAddress()[0] & 0xff) == 0xfd && prefixLength >= 8;
  }

  /** Whether the two have an address in common. */
  boolean overlaps(Cidr6 other) {
    int length = Math.min(prefixLength, other.prefixLength);
    byte[] a = address.getAddress();
    byte[] b = other.address.getAddress();
    for (int bit = 0; bit < length; bit++) {
      if (((a[bit / 8] ^ b[bit / 8]) >>> (7 - bit % 8) & 1) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The address so many behind the subnet's first one, with the same prefix length. */
  public Cidr6 plus(int number) {
    byte[] octets = address.getAddress();
    int carry = number;
    for (int i = octets.length - 1; i >= 0 && carry != 0; i--) {
      carry += octets[i] & 0xff;
      octets[i] = (byte) carry;
      carry >>>= 8;
    }
    try {
      return new Cidr6(Inet6Address.getByAddress("", octets, -1), prefixLength);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("sixteen octets are always an address", e);
    }
  }

  /** The address alone as text (RFC 5952 section 4): the longest run of zeros as two colons. */
  public static String text(Inet6Address address) {
    byte[] octets = address.getAddress();
    int best = 0;
    int longest = 1;
    int run = 0;
    for (int i = 0; i < GROUPS; i++) {
      run = group(octets, i) == 0 ? run + 1 : 0;
      if (run > longest) {
        longest = run;
        best = i + 1 - run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (longest > 1 && i == best) {
        text.append("::");
        i += longest - 1;
      } else {
        boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(group(octets, i)));
      }
    }
    return text.toString();
  }

  private static int group(byte[] octets, int index) {
    return (octets[2 * index] & 0xff) << 8 | (octets[2 * index + 1] & 0xff);
  }

  @Override
  public String toString() {
    return text(address) + "/" + prefixLength;
  }
}
