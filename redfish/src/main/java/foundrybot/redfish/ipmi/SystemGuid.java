// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;

/**
 * The machine's UUID as BMCs send it.
 *
 * <p>IPMI 2.0 (table 20-10) sends a UUID of RFC 4122 from its last byte to its first. Many BMCs
 * send the bytes of SMBIOS instead (first three fields least significant byte first), and some
 * those of the RFC. The wire does not say which; version and variant of a UUID, and the time in one
 * of version 1, tell most. The reading that makes most sense is taken, SMBIOS before the reverse
 * before the RFC where several make as much, and SMBIOS where none does, as vendors' own UUIDs have
 * no version.
 *
 * <p>What stays open: of random UUIDs (version 4) sent as the RFC writes them, one in sixteen makes
 * as much sense as SMBIOS has it, and is then read so. Compare such a UUID with care.
 */
final class SystemGuid {
  static final int BYTES = 16;

  private static final int[] REVERSED = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  private static final int[] SMBIOS = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  private static final int[] PLAIN = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  private static final Instant GREGORIAN = Instant.parse("1582-10-15T00:00:00Z");
  private static final Instant EARLIEST = Instant.parse("1995-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2050-01-01T00:00:00Z");

  private SystemGuid() {}

  static UUID decode(byte[] wire) {
    if (wire.length < BYTES) {
      throw new Malformed("GUID: " + wire.length + " bytes (expected: " + BYTES + ")");
    }
    UUID best = ordered(wire, SMBIOS);
    for (int[] order : new int[][] {REVERSED, PLAIN}) {
      UUID reading = ordered(wire, order);
      best = sense(reading) > sense(best) ? reading : best;
    }
    return best;
  }

  /** How likely somebody made a UUID that reads so. */
  private static int sense(UUID reading) {
    if (reading.variant() != 2) {
      return 0;
    }
    return switch (reading.version()) {
      // By chance, one in some hundred has a time within these years.
      case 1 -> isRecent(reading) ? 3 : 0;
      case 4 -> 2;
      case 3, 5 -> 1;
      default -> 0;
    };
  }

  /** RFC 4122, 4.1.4: units of 100 ns since 1582-10-15. */
  private static boolean isRecent(UUID timed) {
    Instant at = GREGORIAN.plusSeconds(timed.timestamp() / 10_000_000);
    return at.isAfter(EARLIEST) && at.isBefore(LATEST);
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
