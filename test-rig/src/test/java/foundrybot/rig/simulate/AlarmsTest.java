// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import foundrybot.answerfiles.Mac;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AlarmsTest {
  private static final Mac ONE = Mac.parse("52:54:00:aa:00:01").orElseThrow();
  private static final Mac OTHER = Mac.parse("52:54:00:aa:00:02").orElseThrow();

  private final Alarms alarms = new Alarms();

  private void look(Mac mac, String code, int seconds) {
    Optional<String> said = Optional.of(code).filter(it -> !it.isEmpty());
    alarms.look(mac, said, Duration.ofSeconds(seconds), "n1 is stuck");
  }

  @Test
  void whatPassesIsCountedAndBeginsAnew() {
    look(ONE, "no-script", 10);
    look(ONE, "no-script", 310);
    look(ONE, "", 315);
    look(ONE, "no-kernel", 320);
    look(OTHER, "no-kernel", 500);
    look(ONE, "no-kernel", 620);
    assertEquals(
        Map.of("no-script", Duration.ofMinutes(5), "no-kernel", Duration.ofMinutes(5)),
        alarms.longest());
  }

  @Test
  void whatStaysIsAViolationAlsoUnderAnotherCode() {
    look(ONE, "no-script", 10);
    look(ONE, "no-kernel", 200);
    Invariant.Violated violated =
        assertThrows(Invariant.Violated.class, () -> look(ONE, "no-kernel", 311));
    assertEquals(Invariant.NO_FALSE_ALARM, violated.invariant());
    assertEquals(
        "no-false-alarm: for 5 min 01 s of a node that has no fault it is said: n1 is stuck",
        violated.getMessage());
  }
}
