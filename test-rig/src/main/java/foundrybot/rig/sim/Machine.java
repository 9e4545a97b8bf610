// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.net.Inet4Address;
import java.util.HexFormat;
import java.util.UUID;

/**
 * One simulated machine's hardware.
 *
 * @param name what people call it
 * @param mac canonical text with colons
 * @param uuid that of SMBIOS
 * @param address an address of this host (127.0.0.0/8) that only this machine uses
 */
public record Machine(
    String name, String mac, UUID uuid, FirmwareKind firmware, Inet4Address address) {
  byte[] macBytes() {
    return HexFormat.ofDelimiter(":").parseHex(mac);
  }
}
