// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import foundrybot.bootserver.sntp.SntpMessage.Decoded;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;

/** Any datagram on the time server's port. */
final class SntpFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  /** An answer is as long as the shortest question, and is itself never answered. */
  @FuzzTest
  void message(byte[] datagram) {
    switch (SntpMessage.decode(ByteBuffer.wrap(datagram))) {
      case Decoded.Ignored(String reason) ->
          assertTrue(Set.of("short", "mode", "version").contains(reason), reason);
      case Decoded.Request request -> {
        byte[] reply = SntpMessage.reply(request, new TimeQuality.Unsynchronised(), NOW, NOW);
        assertEquals(48, reply.length);
        assertTrue(reply.length <= datagram.length);
        assertEquals(datagram[0] & 0x38, reply[0] & 0x38);
        assertEquals(
            ByteBuffer.wrap(Arrays.copyOfRange(datagram, 40, 48)),
            ByteBuffer.wrap(Arrays.copyOfRange(reply, 24, 32)));
        assertEquals(new Decoded.Ignored("mode"), SntpMessage.decode(ByteBuffer.wrap(reply)));
      }
    }
  }
}
