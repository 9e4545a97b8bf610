// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class InrushTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final Inrush inrush = new Inrush();

  @Test
  void theFirstOneGoesAtOnceAndTheOthersAtTheRate() {
    assertEquals(Duration.ZERO, inrush.take(START, 2));
    assertEquals(Duration.ofMillis(500), inrush.take(START, 2));
    assertEquals(Duration.ofSeconds(1), inrush.take(START, 2));
  }

  @Test
  void timeInWhichNobodyCameIsNotSavedUp() {
    inrush.take(START, 2);
    Instant later = START.plusSeconds(60);
    assertEquals(Duration.ZERO, inrush.take(later, 2));
    assertEquals(Duration.ofMillis(500), inrush.take(later, 2));
  }

  @Test
  void aChangedRateHoldsFromTheNextOneOn() {
    inrush.take(START, 0.5);
    assertEquals(Duration.ofSeconds(2), inrush.take(START, 10));
    assertEquals(Duration.ofMillis(2100), inrush.take(START, 10));
  }
}
