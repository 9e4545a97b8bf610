// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Positions beyond what a long holds, and just below. */
class SelectionTest {
  private static final String LARGEST = "9223372036854775807";
  private static final String LARGER = "9223372036854775808";

  private static Selection of(String range, long size) {
    return Selection.of(size, "", Optional.empty(), Optional.of(range), Optional.empty());
  }

  @Test
  void aPositionMayHaveAllDigitsOfALong() {
    assertEquals(
        new Selection.Part(5, 4810597830111723519L),
        of("bytes=5-4810597830111723519", Long.MAX_VALUE));
    assertEquals(
        new Selection.Part(Long.MAX_VALUE - 1, Long.MAX_VALUE - 1),
        of("bytes=9223372036854775806-" + LARGEST, Long.MAX_VALUE));
  }

  @Test
  void aPositionBehindTheEndMeansTheEndHoweverManyDigitsItHas() {
    for (String last :
        new String[] {"10", LARGEST, LARGER, "9".repeat(400), "0".repeat(99) + "9"}) {
      assertEquals(new Selection.Part(2, 9), of("bytes=2-" + last, 10), last);
      assertEquals(new Selection.Part(2, 9), of("bytes=0002-" + last, 10), last);
    }
    assertEquals(new Selection.Part(0, 9), of("bytes=-" + LARGER, 10));
    assertEquals(new Selection.Unsatisfiable(), of("bytes=" + LARGER + "-", 10));
    assertEquals(
        new Selection.Unsatisfiable(), of("bytes=" + "9".repeat(400) + "-", Long.MAX_VALUE));
  }
}
