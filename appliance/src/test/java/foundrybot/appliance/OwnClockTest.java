// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import foundrybot.answerfiles.TimeServer;
import foundrybot.bootserver.sntp.TimeQuality;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnClockTest {
  private static final Inet4Address SELF = Inet4Address.ofLiteral("10.77.0.1");
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  @TempDir Path folder = Path.of("");

  private int stratum(TimeServer mode, Instant now) {
    OwnClock clock = new OwnClock(mode, SELF, Clock.fixed(now, ZoneOffset.UTC), mark());
    return assertInstanceOf(TimeQuality.Synchronised.class, clock.get()).stratum();
  }

  private Path mark() {
    return folder.resolve("synchronized");
  }

  private void touched(Instant at) throws IOException {
    if (!Files.exists(mark())) {
      Files.createFile(mark());
    }
    Files.setLastModifiedTime(mark(), FileTime.from(at));
  }

  @Test
  void aClockOfWhichNothingIsKnownRunsByItself() {
    assertEquals(10, stratum(TimeServer.ON, NOW));
  }

  @Test
  void aClockThatWasSetLatelyIsBetter() throws IOException {
    touched(NOW.minus(Duration.ofMinutes(34)));
    assertEquals(5, stratum(TimeServer.ON, NOW));
    touched(NOW.minus(Duration.ofHours(3)));
    assertEquals(10, stratum(TimeServer.ON, NOW));
  }

  @Test
  void theUserMayVouchForTheClock() {
    assertEquals(5, stratum(TimeServer.SYNCHRONISED, NOW));
  }

  @Test
  void aClockFromBeforeTheProgramIsNotToBeUsed() {
    Clock dead = Clock.fixed(Instant.parse("1970-01-01T00:01:00Z"), ZoneOffset.UTC);
    for (TimeServer mode : new TimeServer[] {TimeServer.ON, TimeServer.SYNCHRONISED}) {
      assertEquals(new TimeQuality.Unsynchronised(), new OwnClock(mode, SELF, dead, mark()).get());
    }
  }
}
