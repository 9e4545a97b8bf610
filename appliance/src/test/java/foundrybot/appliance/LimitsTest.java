// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.Allowances.Source;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LimitsTest {
  private static final int BURST = Source.LOG_INS.burst();

  private final TickingClock clock = new TickingClock();
  private final Limits<String> limits = new Limits<>(Source.LOG_INS, 2, clock);

  private void spend(String who) {
    for (int i = 0; i < BURST; i++) {
      assertTrue(limits.admits(who), who + " " + i);
    }
    assertFalse(limits.admits(who));
  }

  @Test
  void eachHasAShareOfItsOwnAndWaitsForTheNext() {
    spend("a");
    assertTrue(limits.isEmpty("a"));
    assertFalse(limits.isEmpty("b"));
    assertEquals(Duration.ZERO, limits.untilNext("b"));
    assertEquals(Duration.ofSeconds(2), limits.untilNext("a"));
    clock.pass(Duration.ofMillis(1500));
    assertEquals(Duration.ofMillis(500), limits.untilNext("a"));
    assertFalse(limits.admits("a"));
    clock.pass(Duration.ofMillis(500));
    assertEquals(Duration.ZERO, limits.untilNext("a"));
    assertTrue(limits.admits("a"));
  }

  @Test
  void anEpisodeIsNewsOnceUntilAllHasComeBack() {
    spend("a");
    assertTrue(limits.isNews("a"));
    assertFalse(limits.isNews("a"));
    clock.pass(Duration.ofSeconds(2L * BURST - 1));
    assertTrue(limits.admits("a"));
    assertFalse(limits.isNews("a"));
    clock.pass(Duration.ofSeconds(2L * BURST));
    spend("a");
    assertTrue(limits.isNews("a"));
  }

  @Test
  void whoHasComeLongestAgoMakesRoom() {
    spend("a");
    assertTrue(limits.admits("b"));
    assertFalse(limits.admits("a"));
    assertTrue(limits.admits("c"));
    assertTrue(limits.isEmpty("a"));
    assertTrue(limits.admits("d"));
    assertTrue(limits.admits("e"));
    assertFalse(limits.isEmpty("a"));
  }
}
