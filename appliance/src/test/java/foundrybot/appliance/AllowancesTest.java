// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.Allowances.Source;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AllowancesTest {
  private final Allowances allowances = new Allowances();
  private long now = 1_795_514_400_000L;

  private int admitted(Source source, int tries) {
    int admitted = 0;
    for (int i = 0; i < tries; i++) {
      admitted += allowances.admits(source, now) ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void aBurstIsWrittenDownAndNothingBeyondIt() {
    assertEquals(Source.DHCP.burst(), admitted(Source.DHCP, 1000));
  }

  @Test
  void eachSourceHasItsOwn() {
    admitted(Source.DHCP, 1000);
    for (Source source : Source.values()) {
      assertEquals(source != Source.DHCP, allowances.admits(source, now), source.name());
    }
  }

  @Test
  void aFloodThatGoesOnForADayIsAFewThousandLines() {
    int lines = 0;
    for (int minute = 0; minute < 24 * 60; minute++) {
      now += Duration.ofMinutes(1).toMillis();
      lines += admitted(Source.DHCP, 300);
    }
    assertTrue(lines <= Source.DHCP.burst() + 24 * 60 * 10, lines + " lines");
    assertTrue(lines > 24 * 60, lines + " lines");
  }

  @Test
  void aQuietTimeFillsTheAllowanceButNoFurther() {
    admitted(Source.RUN, 1000);
    now += Duration.ofDays(365).toMillis();
    assertEquals(Source.RUN.burst(), admitted(Source.RUN, 1000));
  }

  @Test
  void aClockThatIsSetBackGivesNothingBack() {
    admitted(Source.RUN, 1000);
    now -= Duration.ofDays(1).toMillis();
    assertFalse(allowances.admits(Source.RUN, now));
    now += Duration.ofMinutes(1).toMillis();
    assertTrue(allowances.admits(Source.RUN, now));
  }
}
