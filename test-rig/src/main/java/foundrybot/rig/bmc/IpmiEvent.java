// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

/**
 * A record of the system event log (IPMI 2.0, table 32-1).
 *
 * @param at seconds since 1970, as the BMC's clock has it
 * @param sensorType table 42-3: 0x01 temperature, 0x04 fan, ...
 * @param eventType table 42-1: 0x01 threshold, 0x6f of the sensor type
 * @param over whether it came to its end
 * @param data three bytes, the first one in bits 16 to 23
 */
public record IpmiEvent(
    long at, int sensorType, int sensor, int eventType, boolean over, int data) {
  private static final int SYSTEM_EVENT = 2;
  private static final int FROM_BMC = 0x20;
  private static final int REVISION = 4;

  byte[] record(int id) {
    return IpmiWire.join(
        IpmiWire.bytes(id, id >> 8, SYSTEM_EVENT),
        IpmiWire.number((int) at),
        IpmiWire.bytes(
            FROM_BMC,
            0,
            REVISION,
            sensorType,
            sensor,
            (over ? 0x80 : 0) | eventType,
            data >> 16,
            data >> 8,
            data));
  }
}
