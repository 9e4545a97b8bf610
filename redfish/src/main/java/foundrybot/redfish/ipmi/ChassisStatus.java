// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/**
 * Answer to Get Chassis Status (IPMI 2.0, table 28-3), the first byte of it.
 *
 * @param trouble what keeps it from being switched on: {@code power fault}; empty for nothing
 */
record ChassisStatus(boolean on, String trouble) {
  static ChassisStatus decode(byte[] data) {
    int power = new Octets("chassis status", data).u8("power state");
    String trouble =
        (power & 0x08) != 0
            ? "power fault"
            : (power & 0x02) != 0
                ? "power overload"
                : (power & 0x04) != 0 ? "interlock" : (power & 0x10) != 0 ? "control fault" : "";
    return new ChassisStatus((power & 1) != 0, trouble);
  }
}
