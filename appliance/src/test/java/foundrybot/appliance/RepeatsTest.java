// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  private static final String MACHINE = "52:54:00:bb:00:01";
  private static final String KIND = "dhcp.discover";

  private Instant now = Instant.parse("2026-11-24T10:00:00Z");
  private final Repeats repeats = new Repeats(((InstantSource) () -> now).withZone(ZoneOffset.UTC));

  private int repeated(String detail, int tries) {
    int repeated = 0;
    for (int i = 0; i < tries; i++) {
      repeated += repeats.isOne(MACHINE, KIND, detail) ? 1 : 0;
    }
    return repeated;
  }

  @Test
  void theSameAgainWithinAMomentIsCountedAndTheNextLineSaysHowOften() {
    assertFalse(repeats.isOne(MACHINE, KIND, "a"));
    assertEquals("a", repeats.written(MACHINE, KIND, "a"));
    assertEquals(41, repeated("a", 41));
    now = now.plus(Repeats.MOMENT);
    assertFalse(repeats.isOne(MACHINE, KIND, "a"));
    assertEquals("a (and 41 more like the last one before)", repeats.written(MACHINE, KIND, "a"));
    now = now.plus(Repeats.MOMENT);
    assertEquals("a", repeats.written(MACHINE, KIND, "a"));
  }

  @Test
  void anotherDetailAnotherKindAndAnotherMachineAreNoRepetition() {
    repeats.written(MACHINE, KIND, "a");
    assertFalse(repeats.isOne(MACHINE, KIND, "b"));
    assertFalse(repeats.isOne(MACHINE, "dhcp.offer", "a"));
    assertFalse(repeats.isOne("52:54:00:bb:00:02", KIND, "a"));
    assertTrue(repeats.isOne(MACHINE, KIND, "a"));
  }

  @Test
  void whatComesAfterANewBeginningIsWritten() {
    repeats.written(MACHINE, KIND, "a");
    repeats.forget(MACHINE);
    assertFalse(repeats.isOne(MACHINE, KIND, "a"));
  }
}
