// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.HexFormat;
import java.util.Optional;

/**
 * A network card's 48-bit hardware address, as the rack file's key for one machine.
 *
 * <p>Held as a number, so that every spelling of one address is the same value. The text form is
 * lower case with colons.
 */
public record Mac(long bits) implements Comparable<Mac> {
  private static final int LONGEST_TEXT = 17;

  public Mac {
    if (bits < 0 || bits >>> 48 != 0) {
      throw new IllegalArgumentException("mac: " + bits + " (expected: 0..2^48-1)");
    }
  }

  /**
   * Reads {@code 52:54:00:aa:00:01}, {@code 52-54-00-aa-00-01}, {@code 5254.00aa.0001} or {@code
   * 525400aa0001}, in either case; empty for anything else.
   */
  public static Optional<Mac> parse(String text) {
    return switch (text.length()) {
      case LONGEST_TEXT -> {
        char separator = text.charAt(2);
        yield separator == ':' || separator == '-' ? parse(text, 2, separator) : Optional.empty();
      }
      case 14 -> parse(text, 4, '.');
      case 12 -> parse(text, 12, ' ');
      default -> Optional.empty();
    };
  }

  /** By hand: each line of the journal comes through here. */
  private static Optional<Mac> parse(String text, int group, char separator) {
    long bits = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i % (group + 1) == group) {
        if (c != separator) {
          return Optional.empty();
        }
      } else if (HexFormat.isHexDigit(c)) {
        bits = bits << 4 | HexFormat.fromHexDigit(c);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new Mac(bits));
  }

  /** Whether this is a group address, which no machine can have as its own (IEEE 802, bit 0). */
  public boolean isMulticast() {
    return (bits >>> 40 & 1) == 1;
  }

  /** The form of PXELINUX's {@code BOOTIF} kernel argument: {@code 01-52-54-00-aa-00-01}. */
  public String bootif() {
    return "01-" + toString().replace(':', '-');
  }

  @Override
  public int compareTo(Mac other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(LONGEST_TEXT);
    for (int shift = 40; shift >= 0; shift -= 8) {
      int octet = (int) (bits >>> shift) & 0xff;
      text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 15, 16));
      if (shift > 0) {
        text.append(':');
      }
    }
    return text.toString();
  }
}
