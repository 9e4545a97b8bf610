// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The address of the network card that is to wake its machine.
 *
 * @param text six bytes as lower-case hexadecimal with colons
 */
public record HardwareAddress(String text) {

  private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  public HardwareAddress {
    text = text.toLowerCase(Locale.ROOT).replace('-', ':');
    if (!FORM.matcher(text).matches()) {
      throw refused(text, "six bytes as 52:54:00:aa:00:01");
    }
    if (text.equals("00:00:00:00:00:00") || (bytes(text)[0] & 1) != 0) {
      throw refused(text, "the address of one card, not a group and not zero");
    }
  }

  /** The six bytes, first one first. */
  public byte[] bytes() {
    return bytes(text);
  }

  @Override
  public String toString() {
    return text;
  }

  private static byte[] bytes(String text) {
    return HexFormat.ofDelimiter(":").parseHex(text);
  }

  private static IllegalArgumentException refused(String text, String expected) {
    return new IllegalArgumentException("MAC address: " + text + " (expected: " + expected + ")");
  }
}
