// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SystemGuidTest {
  private static byte[] asWritten(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  private static byte[] smbios(UUID uuid) {
    byte[] plain = asWritten(uuid);
    int[] order = {3, 2, 1, 0, 5, 4, 7, 6};
    byte[] wire = plain.clone();
    for (int i = 0; i < order.length; i++) {
      wire[i] = plain[order[i]];
    }
    return wire;
  }

  private static byte[] reversed(UUID uuid) {
    byte[] plain = asWritten(uuid);
    byte[] wire = new byte[plain.length];
    for (int i = 0; i < wire.length; i++) {
      wire[i] = plain[plain.length - 1 - i];
    }
    return wire;
  }

  @Test
  void aUuidOfTimeAndCardIsReadInEveryOrder() {
    UUID made = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    assertEquals(made, SystemGuid.decode(asWritten(made)));
    assertEquals(made, SystemGuid.decode(smbios(made)));
    assertEquals(made, SystemGuid.decode(reversed(made)));
  }

  @Test
  void aRandomUuidIsPreferredToKindsThatNobodyMakes() {
    for (String text :
        new String[] {
          "00112233-4455-4311-8899-aabbccddeeff",
          "00112233-4455-4511-8899-aabbccddeeff",
          "00112233-4455-4122-8899-aabbccddeeff",
          "00112233-4455-4222-8899-aabbccddeeff"
        }) {
      UUID uuid = UUID.fromString(text);
      assertEquals(uuid, SystemGuid.decode(asWritten(uuid)), text);
    }
  }

  /** What nobody can tell apart stays a sixteenth, and is read as most BMCs mean it. */
  @Test
  void ofRandomUuidsAsTheyAreWrittenOneInSixteenIsReadOtherwiseAndOfSmbiosNone() {
    SplittableRandom random = new SplittableRandom(11);
    int other = 0;
    for (int i = 0; i < 4096; i++) {
      UUID uuid =
          new UUID(
              (random.nextLong() & ~0xf000L) | 0x4000,
              (random.nextLong() & (-1L >>> 2)) | (1L << 63));
      assertEquals(uuid, SystemGuid.decode(smbios(uuid)));
      other += SystemGuid.decode(asWritten(uuid)).equals(uuid) ? 0 : 1;
    }
    assertTrue(other > 4096 / 24 && other < 4096 / 11, "read otherwise: " + other);
  }
}
