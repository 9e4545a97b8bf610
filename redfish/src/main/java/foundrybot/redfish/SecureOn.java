// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The password some cards want behind the magic packet; never printed.
 *
 * <p>It crosses the wire in the clear: it keeps neighbours from waking a machine by accident, no
 * more.
 */
public final class SecureOn {

  /** For cards without a password. */
  public static final SecureOn NONE = new SecureOn(new byte[0]);

  private static final Pattern FORM =
      Pattern.compile("[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){3}(([:-][0-9A-Fa-f]{2}){2})?");

  private final byte[] bytes;

  private SecureOn(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A password of four or six bytes, hexadecimal with colons or hyphens. */
  public static SecureOn parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "SecureOn password: not shown (expected: 4 or 6 bytes as 01:02:03:04:05:06)");
    }
    return new SecureOn(HexFormat.of().parseHex(text.replaceAll("[:-]", "")));
  }

  byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public String toString() {
    return bytes.length == 0 ? "none" : "(secret)";
  }
}
