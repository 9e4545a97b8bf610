// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/**
 * How many BMCs are spoken to at once. A place is kept for a while only: who speaks to a BMC that
 * does not answer goes on, but counts no longer, so that a hundred dead BMCs cost the living ones
 * seconds and not their turn.
 */
final class Places {
  /** One conversation; equal to itself alone. */
  private static final class Place {
    private final long end;

    private Place(long end) {
      this.end = end;
    }
  }

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition changed = lock.newCondition();
  private final SequencedSet<Place> taken = new LinkedHashSet<>();
  private final IntSupplier most;
  private final long keptNanos;

  /**
   * All free.
   *
   * @param most asked at each turn, as the rack file may change
   * @param kept how long a place counts
   */
  Places(IntSupplier most, Duration kept) {
    this.most = most;
    this.keptNanos = kept.toNanos();
  }

  /** Waits for a place; it must be closed. */
  Lease take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (taken.size() >= most.getAsInt()) {
        long left = taken.getFirst().end - System.nanoTime();
        if (left <= 0) {
          taken.removeFirst();
        } else {
          var _ = changed.awaitNanos(left);
        }
      }
      Place place = new Place(System.nanoTime() + keptNanos);
      taken.add(place);
      return () -> giveBack(place);
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(Place place) {
    lock.lock();
    try {
      taken.remove(place);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** A place that is kept until it is closed. */
  interface Lease extends AutoCloseable {
    @Override
    void close();
  }
}
