// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * One DHCP option that the user wants in leases.
 *
 * @param code 1..254, none that FoundryBot sets itself
 * @param hex its value as it goes over the wire, in lower-case hexadecimal digits
 */
public record DhcpOptionValue(int code, String hex) {
  /** Bytes that one option may have here; the whole answer has to fit one packet. */
  static final int LONGEST = 255;

  public DhcpOptionValue {
    if (code < 1 || code > 254 || hex.length() % 2 != 0 || hex.length() > 2 * LONGEST) {
      throw new IllegalArgumentException("option " + code + ": " + hex.length() / 2 + " bytes");
    }
  }
}
