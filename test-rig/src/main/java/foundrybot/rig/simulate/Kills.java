// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;
import java.util.Random;

/**
 * Deaths of the appliance at random points of a run: between two steps, or within a write of its
 * journal, where a step has begun and nobody is told how it ends. How long an appliance lives is
 * drawn by its order of magnitude: so it dies while it takes up what was under way as often as
 * after minutes of silence.
 */
final class Kills {
  /** Writes of the journal that an appliance lives for at most, if it dies in one. */
  private static final int MOST_WRITES = 1_000;

  private static final Duration SHORTEST_LIFE = Duration.ofMillis(10);

  /** Also where it is to die in a write, as a rack that stands still writes nothing. */
  private static final Duration LONGEST_LIFE = Duration.ofMinutes(5);

  /** Where in the appliance's work it dies. */
  enum Point {
    BETWEEN_STEPS,
    /** What was gathered for this write is lost. */
    BEFORE_WRITE,
    /** It is in the file, and the disk need not have it. */
    WRITTEN,
    /** The disk has it, and neither the appliance's own memory nor who waits was told. */
    FLUSHED
  }

  /**
   * The next one.
   *
   * @param writes which write of the journal it is, from 1; of no matter between two steps
   * @param ofLeases whether it is one of the leases instead
   * @param latest when it dies if that write has not come
   */
  record Next(Point point, int writes, boolean ofLeases, Duration latest) {}

  /** The same of leases, of which there are few; one of so many deaths in a write is in theirs. */
  private static final int MOST_LEASES = 20;

  private static final int LEASES = 3;

  private final Random random;
  private final boolean leases;
  private int left;

  /**
   * So many, always the same by the same randomness.
   *
   * @param leases whether the appliance writes any
   */
  Kills(int number, boolean leases, Random random) {
    this.left = number;
    this.leases = leases;
    this.random = random;
  }

  boolean areOver() {
    return left == 0;
  }

  /** One has come. */
  void done() {
    left--;
  }

  Next next() {
    Point point = Point.values()[random.nextInt(Point.values().length)];
    double writes = drawn(1, MOST_WRITES);
    double life = drawn((double) SHORTEST_LIFE.toNanos(), (double) LONGEST_LIFE.toNanos());
    if (point == Point.BETWEEN_STEPS) {
      return new Next(point, 0, false, Duration.ofNanos((long) life));
    }
    return leases && random.nextInt(LEASES) == 0
        ? new Next(point, (int) drawn(1, MOST_LEASES), true, LONGEST_LIFE)
        : new Next(point, (int) writes, false, LONGEST_LIFE);
  }

  /** Each order of magnitude is as likely as another one. */
  private double drawn(double least, double most) {
    return least * Math.pow(most / least, random.nextDouble());
  }
}
