// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.Allowances.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class AllowancesTest {
  private static final String MACHINE = "52:54:00:bb:00:01";

  private Instant now = Instant.parse("2026-11-24T10:00:00Z");
  private final Allowances allowances =
      new Allowances(((InstantSource) () -> now).withZone(ZoneOffset.UTC));

  private int admitted(Source source, String machine, int tries) {
    int admitted = 0;
    for (int i = 0; i < tries; i++) {
      admitted += allowances.admits(source, machine) ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void aBurstIsWrittenDownAndWhatIsBeyondItIsCounted() {
    assertEquals(Source.DHCP.burst(), admitted(Source.DHCP, MACHINE, 1000));
    assertEquals(1000 - Source.DHCP.burst(), allowances.refused());
  }

  @Test
  void eachSourceAndEachMachineHasItsOwn() {
    admitted(Source.DHCP, MACHINE, 1000);
    for (Source source : Source.values()) {
      assertEquals(source != Source.DHCP, allowances.admits(source, MACHINE), source.name());
    }
    assertTrue(allowances.admits(Source.DHCP, "52:54:00:bb:00:02"));
  }

  @Test
  void aFloodThatGoesOnForADayIsAFewThousandLines() {
    int lines = 0;
    for (int minute = 0; minute < 24 * 60; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      lines += admitted(Source.DHCP, MACHINE, 300);
    }
    assertTrue(lines <= Source.DHCP.burst() + 24 * 60 * 10, lines + " lines");
    assertTrue(lines > 24 * 60, lines + " lines");
  }

  @Test
  void aQuietTimeFillsTheAllowanceButNoFurther() {
    admitted(Source.RUN, MACHINE, 1000);
    now = now.plus(Duration.ofDays(365));
    assertEquals(Source.RUN.burst(), admitted(Source.RUN, MACHINE, 1000));
  }

  @Test
  void aClockThatIsSetBackGivesNothingBack() {
    admitted(Source.RUN, MACHINE, 1000);
    now = now.minus(Duration.ofDays(1));
    assertFalse(allowances.admits(Source.RUN, MACHINE));
    now = now.plus(Duration.ofMinutes(1));
    assertTrue(allowances.admits(Source.RUN, MACHINE));
  }
}
