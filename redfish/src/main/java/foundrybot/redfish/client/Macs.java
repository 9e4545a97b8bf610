// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.HardwareAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of network cards, as BMCs write them. */
final class Macs {
  private static final Pattern PLAIN = Pattern.compile("[0-9a-f]{12}");
  private static final Pattern IN_DEVICE_PATH =
      Pattern.compile("MAC\\(([0-9A-Fa-f]{12})(?:0{0,52})[,)]");

  private Macs() {}

  /**
   * With colons, hyphens, dots, or none, in any letters.
   *
   * @return empty for what is not the address of one Ethernet card: zero, groups, InfiniBand GUIDs
   */
  static Optional<HardwareAddress> read(String text) {
    if (text.length() > 32) {
      return Optional.empty();
    }
    String lower = text.strip().toLowerCase(Locale.ROOT);
    boolean pairs = lower.matches("[0-9a-f]{2}(([:-])[0-9a-f]{2})(\\2[0-9a-f]{2}){4}");
    boolean dotted = lower.matches("[0-9a-f]{4}\\.[0-9a-f]{4}\\.[0-9a-f]{4}");
    if (!pairs && !dotted && !PLAIN.matcher(lower).matches()) {
      return Optional.empty();
    }
    String plain = lower.replaceAll("[:.-]", "");
    try {
      return Optional.of(new HardwareAddress(plain.replaceAll("(..)(?!$)", "$1:")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Of a UEFI device path: {@code PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400AA0001,0x1)}. */
  static Optional<HardwareAddress> readDevicePath(String path) {
    Matcher found = IN_DEVICE_PATH.matcher(path);
    return path.length() <= 1024 && found.find() ? read(found.group(1)) : Optional.empty();
  }

  /** Whether somebody made it up, as for the link between a host and its BMC. */
  static boolean locallyMade(HardwareAddress mac) {
    return (mac.bytes()[0] & 2) != 0;
  }
}
