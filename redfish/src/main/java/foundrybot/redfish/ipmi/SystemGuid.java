// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * The machine's UUID as BMCs send it.
 *
 * <p>IPMI 2.0 (table 20-10) sends a UUID of RFC 4122 from its last byte to its first. Many BMCs
 * send the bytes of SMBIOS instead (first three fields least significant byte first), and some
 * those of the RFC. Version and variant of a UUID tell which: the first reading in which both make
 * sense is taken, and that of SMBIOS where none does, as vendors' own UUIDs have no version.
 */
final class SystemGuid {
  static final int BYTES = 16;

  private static final int[] REVERSED = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  private static final int[] SMBIOS = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  private static final int[] PLAIN = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  private SystemGuid() {}

  static UUID decode(byte[] wire) {
    if (wire.length < BYTES) {
      throw new Malformed("GUID: " + wire.length + " bytes (expected: " + BYTES + ")");
    }
    for (int[] order : new int[][] {SMBIOS, REVERSED, PLAIN}) {
      UUID reading = ordered(wire, order);
      if (reading.version() >= 1 && reading.version() <= 5 && reading.variant() == 2) {
        return reading;
      }
    }
    return ordered(wire, SMBIOS);
  }

  private static UUID ordered(byte[] wire, int[] order) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    for (int from : order) {
      bytes.put(wire[from]);
    }
    bytes.flip();
    return new UUID(bytes.getLong(), bytes.getLong());
  }
}
