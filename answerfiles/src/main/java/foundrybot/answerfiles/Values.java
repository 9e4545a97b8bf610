// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.Optional;

/** Texts that a rule has accepted, as values. */
final class Values {
  private Values() {}

  static Optional<AddressRange> range(String text) {
    String[] ends = text.split(" ?- ?", -1);
    if (ends.length != 2) {
      return Optional.empty();
    }
    Optional<Inet4Address> first = Ipv4.parse(ends[0]);
    Optional<Inet4Address> last = Ipv4.parse(ends[1]);
    if (first.isEmpty() || last.isEmpty() || Ipv4.number(first.get()) > Ipv4.number(last.get())) {
      return Optional.empty();
    }
    return Optional.of(new AddressRange(first.get(), last.get()));
  }

  /** An address whose subnet is the given one if the text names none. */
  static Cidr cidr(String text, int prefixLength) {
    return Cidr.parse(text).orElseGet(() -> new Cidr(address(text), prefixLength));
  }

  /** Tools show a VLAN's interface together with the one below it: {@code eth0.20@eth0}. */
  static String interfaceName(String text) {
    int at = text.indexOf('@');
    return at < 0 ? text : text.substring(0, at);
  }

  static Inet4Address address(String text) {
    return Ipv4.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("address: " + text + " (no IPv4)"));
  }

  /** For messages: on one line, not longer than a glance. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    int[] points = text.codePoints().limit(LONGEST_SHOWN).toArray();
    for (int point : points) {
      switch (point) {
        case '\n' -> shown.append("\\n");
        case '\r' -> shown.append("\\r");
        case '\t' -> shown.append("\\t");
        default -> {
          if (isControl(point)) {
            shown.append(String.format("\\u%04x", point));
          } else {
            shown.appendCodePoint(point);
          }
        }
      }
    }
    if (text.codePointCount(0, text.length()) > LONGEST_SHOWN) {
      shown.append("...");
    }
    return shown.toString();
  }

  /** Anything that could start a new line, or steer a terminal or an editor. */
  static boolean isControl(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  static boolean hasControl(String text) {
    return text.codePoints().anyMatch(Values::isControl);
  }

  private static final int LONGEST_SHOWN = 60;
}
