// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A domain name, absolute and in lower case: names that differ only in the case of ASCII letters
 * are one name (RFC 4343 section 3).
 *
 * <p>Kept as on the wire, without compression, because a label may hold any octet, a dot too.
 */
final class Name {
  /** RFC 1035 section 2.3.4, lengths and the root included. */
  static final int MAX_OCTETS = 255;

  static final int MAX_LABEL = 63;
  static final Name ROOT = new Name(new byte[] {0});

  private final byte[] wire;
  private final int hash;

  private Name(byte[] wire) {
    this.wire = wire;
    this.hash = Arrays.hashCode(wire);
  }

  /** Takes a name as on the wire, without compression and in any case. */
  static Name ofWire(byte[] wire) {
    byte[] lower = wire.clone();
    for (int i = 0; i < lower.length; i++) {
      // A length octet is at most 63, which is below the letters.
      if (lower[i] >= 'A' && lower[i] <= 'Z') {
        lower[i] = (byte) (lower[i] + 'a' - 'A');
      }
    }
    return new Name(lower);
  }

  /**
   * Reads a host or service name in the program's own hand, with or without the dot at its end.
   *
   * @throws IllegalArgumentException if a label or the whole is too long, or a label is empty
   */
  static Name of(String text) {
    String dotless = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    byte[] wire = new byte[dotless.length() + 2];
    int at = 0;
    for (String label : dotless.split("\\.", -1)) {
      byte[] bytes = label.getBytes(StandardCharsets.US_ASCII);
      if (bytes.length == 0 || bytes.length > MAX_LABEL) {
        throw new IllegalArgumentException(
            "name: " + text + " (expected: labels of 1..63 characters with dots between)");
      }
      wire[at] = (byte) bytes.length;
      System.arraycopy(bytes, 0, wire, at + 1, bytes.length);
      at += bytes.length + 1;
    }
    if (wire.length > MAX_OCTETS) {
      throw new IllegalArgumentException("name: " + text + " (expected: at most 253 characters)");
    }
    return ofWire(wire);
  }

  /** Where an address's name is kept: in in-addr.arpa (RFC 1035) or ip6.arpa (RFC 3596). */
  static Name reverse(InetAddress address) {
    byte[] octets = address.getAddress();
    StringBuilder text = new StringBuilder();
    for (int i = octets.length - 1; i >= 0; i--) {
      if (octets.length == 4) {
        text.append(octets[i] & 0xff).append('.');
      } else {
        text.append(Character.forDigit(octets[i] & 0xf, 16)).append('.');
        text.append(Character.forDigit(octets[i] >> 4 & 0xf, 16)).append('.');
      }
    }
    return of(text + (octets.length == 4 ? "in-addr.arpa" : "ip6.arpa"));
  }

  boolean isRoot() {
    return wire.length == 1;
  }

  /** The name without its first label; the root has no parent, and is its own. */
  Name parent() {
    return isRoot() ? this : new Name(Arrays.copyOfRange(wire, wire[0] + 1, wire.length));
  }

  /** Uncompressed, as on the wire. */
  byte[] wire() {
    return wire.clone();
  }

  int length() {
    return wire.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Name name && Arrays.equals(wire, name.wire);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** For people: what is no plain character is written as in master files (RFC 1035 section 5). */
  @Override
  public String toString() {
    if (isRoot()) {
      return ".";
    }
    StringBuilder text = new StringBuilder();
    for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
      for (int i = at + 1; i <= at + wire[at]; i++) {
        int octet = wire[i] & 0xff;
        if (octet == '.' || octet == '\\') {
          text.append('\\').append((char) octet);
        } else if (octet > ' ' && octet < 0x7f) {
          text.append((char) octet);
        } else {
          text.append(String.format(Locale.ROOT, "\\%03d", octet));
        }
      }
      text.append('.');
    }
    return text.toString();
  }
}
