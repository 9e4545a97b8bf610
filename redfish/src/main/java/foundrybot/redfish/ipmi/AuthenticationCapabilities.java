// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * Answer to Get Channel Authentication Capabilities (IPMI 2.0, table 22-15).
 *
 * @param plus whether IPMI 2.0 with RMCP+ is spoken
 * @param channelKey whether a key K_G of its own is set on the channel
 */
record AuthenticationCapabilities(boolean plus, boolean channelKey) {
  static AuthenticationCapabilities decode(byte[] data) {
    Octets in = new Octets("authentication capabilities", data);
    in.u8("channel");
    boolean extended = (in.u8("types") & 0x80) != 0;
    int status = in.u8("status");
    int versions = in.u8("versions");
    return new AuthenticationCapabilities(
        extended && (versions & 0x02) != 0, extended && (status & 0x20) != 0);
  }
}
