// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertEquals(new Spread(3, 1, 9), Spread.of(List.of(9.0, 1.0, 3.0)));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwoMiddleOnes() {
    assertEquals(new Spread(2.5, 1, 9), Spread.of(List.of(9.0, 1.0, 3.0, 2.0)));
  }

  @Test
  void whatIsNoNumberIsLeftOut() {
    assertEquals(new Spread(4, 4, 4), Spread.of(List.of(Double.NaN, 4.0)));
    assertTrue(Spread.of(List.of(Double.NaN)).isNone());
    assertEquals("-", Spread.of(List.of()).toString());
  }

  @Test
  void numbersHaveThreeDigitsThatCount() {
    assertEquals("0.344", Spread.number(0.3441));
    assertEquals("1.3", Spread.number(1.299));
    assertEquals("13.8", Spread.number(13.84));
    assertEquals("143", Spread.number(143.2));
    assertEquals("1,106", Spread.number(1106.4));
    assertEquals("0", Spread.number(0));
    assertEquals("100", Spread.number(100));
  }

  @Test
  void aSingleValueHasNoRange() {
    assertEquals("2.5", Spread.of(List.of(2.5)).toString());
    assertEquals("2 (1-3)", Spread.of(List.of(1.0, 2.0, 3.0)).toString());
  }
}
