// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Has garbage collected before the heap grows. The serial collector enlarges its old generation for
 * as long as the machine has memory, and looks for garbage in it only then: what some thousand
 * machines left behind in a boot storm was a third of the appliance's memory. A full collection
 * stops the appliance for about a millisecond for each megabyte alive, so growth has to be worth
 * it; docs/performance.md has what this gave.
 */
final class HeapTrimmer implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Bytes of growth that are worth a pause while little is alive. */
  static final long GROWTH = 12L << 20;

  /** The part of what is alive whose growth is worth a pause while much is. */
  static final int PART = 5;

  private final Thread thread;

  private HeapTrimmer(Thread thread) {
    this.thread = thread;
  }

  /** Looks after this JVM's heap from now on. */
  static HeapTrimmer start() {
    return new HeapTrimmer(Thread.ofVirtual().name("heap-trimmer").start(HeapTrimmer::watch));
  }

  private static void watch() {
    LongSupplier committed = Runtime.getRuntime()::totalMemory;
    long kept = committed.getAsLong();
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        kept = look(kept, committed, System::gc);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * One look.
   *
   * @param kept bytes that the heap had after the last collection from here
   * @param committed bytes that it has
   * @param collector collects all garbage and gives memory back
   * @return bytes from which growth counts now
   */
  static long look(long kept, LongSupplier committed, Runnable collector) {
    long now = committed.getAsLong();
    if (now - kept < Math.max(GROWTH, kept / PART)) {
      // It may have shrunk by a collection of its own.
      return Math.min(kept, now);
    }
    collector.run();
    return committed.getAsLong();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
