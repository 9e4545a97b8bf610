// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Test;

class RepeatsTest {
  private static final String KIND = "dhcp.discover";
  private static final long MOMENT = Repeats.MOMENT.toMillis();

  private final Repeats repeats = new Repeats();
  private long now = 1_795_514_400_000L;

  private boolean isOne(String kind, Object said) {
    return repeats.isOne(kind, said, now);
  }

  private String written(Object said) {
    return repeats.written(KIND, said, now);
  }

  private int repeated(String detail, int tries) {
    int repeated = 0;
    for (int i = 0; i < tries; i++) {
      repeated += isOne(KIND, detail) ? 1 : 0;
    }
    return repeated;
  }

  @Test
  void theSameAgainWithinAMomentIsCountedAndTheNextLineSaysHowOften() {
    assertFalse(isOne(KIND, "a"));
    assertEquals("a", written("a"));
    assertEquals(41, repeated("a", 41));
    now += MOMENT;
    assertFalse(isOne(KIND, "a"));
    assertEquals("a (and 41 more like the last one before)", written("a"));
    now += MOMENT;
    assertEquals("a", written("a"));
  }

  @Test
  void anotherDetailAndAnotherKindAreNoRepetition() {
    written("a");
    assertFalse(isOne(KIND, "b"));
    assertFalse(isOne("dhcp.offer", "a"));
    assertTrue(isOne(KIND, "a"));
  }

  @Test
  void theTextIsMadeOnlyOfWhatIsWritten() {
    record Said(int number) {
      @Override
      public String toString() {
        return "number=" + number + (number > 1 ? " " + fail("nobody reads that") : "");
      }
    }
    assertEquals("number=1", written(new Said(1)));
    assertTrue(isOne(KIND, new Said(1)));
    assertFalse(isOne(KIND, new Said(2)));
  }

  @Test
  void aClockThatIsSetBackHidesNothing() {
    written("a");
    now -= MOMENT;
    assertFalse(isOne(KIND, "a"));
  }

  @Test
  void whatComesAfterANewBeginningIsWritten() {
    written("a");
    repeats.forget();
    assertFalse(isOne(KIND, "a"));
  }
}
