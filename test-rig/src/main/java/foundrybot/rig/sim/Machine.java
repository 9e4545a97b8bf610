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
 * @param address that only this machine uses; over real sockets one of this host (127.0.0.0/8)
 */
public record Machine(
    String name, String mac, UUID uuid, FirmwareKind firmware, Inet4Address address) {
  /** The six bytes of its MAC. */
  public byte[] macBytes() {
    return HexFormat.ofDelimiter(":").parseHex(mac);
  }
}
