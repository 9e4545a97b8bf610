// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapTrimmerTest {
  private static final long MB = 1L << 20;

  private final AtomicLong heap = new AtomicLong(60 * MB);
  private final AtomicInteger collections = new AtomicInteger();

  @Test
  void aHeapThatGrowsIsCollected() {
    heap.set(72 * MB);
    assertEquals(61 * MB, look(60 * MB, 61 * MB));
    assertEquals(1, collections.get());
  }

  @Test
  void aHeapThatHardlyGrowsIsLeftAlone() {
    heap.set(71 * MB);
    assertEquals(60 * MB, look(60 * MB, 61 * MB));
    assertEquals(0, collections.get());
  }

  @Test
  void growthThatIsAliveIsNotCollectedAgain() {
    heap.set(80 * MB);
    long kept = look(60 * MB, 80 * MB);
    assertEquals(80 * MB, look(kept, 80 * MB));
    assertEquals(1, collections.get());
  }

  @Test
  void aHeapThatShrankByItselfIsMeasuredFromThere() {
    heap.set(50 * MB);
    assertEquals(50 * MB, look(60 * MB, 50 * MB));
    heap.set(62 * MB);
    assertEquals(52 * MB, look(50 * MB, 52 * MB));
    assertEquals(1, collections.get());
  }

  @Test
  void aLargeHeapGrowsByAFifthBeforeItIsCollected() {
    heap.set(590 * MB);
    assertEquals(500 * MB, look(500 * MB, 500 * MB));
    assertEquals(0, collections.get());
    heap.set(600 * MB);
    assertEquals(500 * MB, look(500 * MB, 500 * MB));
    assertEquals(1, collections.get());
  }

  private long look(long kept, long after) {
    return HeapTrimmer.look(
        kept,
        heap::get,
        () -> {
          collections.incrementAndGet();
          heap.set(after);
        });
  }
}
