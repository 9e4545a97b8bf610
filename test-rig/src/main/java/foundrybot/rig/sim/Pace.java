// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.time.Duration;

/**
 * How fast simulated time runs.
 *
 * @param waits factor on every wait that a protocol or program prescribes: 1 is real firmware,
 *     which waits 4, 8, 16 and 32 s for DHCP; above 0
 * @param powerOn within this time after the start every machine is switched on
 * @param work mean time of one piece of work, such as partitioning a disk
 */
public record Pace(double waits, Duration powerOn, Duration work) {
  public Pace {
    if (!(waits > 0) || waits > 10) {
      throw new IllegalArgumentException("waits: " + waits + " (expected: above 0, at most 10)");
    }
    if (powerOn.isNegative() || work.isNegative()) {
      throw new IllegalArgumentException("pace: negative (expected: 0 or more)");
    }
  }

  /** For people who watch: a rack is up in about ten seconds. */
  public static Pace watchable() {
    return new Pace(0.125, Duration.ofSeconds(3), Duration.ofMillis(350));
  }

  /** For tests: no work to wait for, and short waits where something was lost. */
  public static Pace hurried() {
    return new Pace(0.05, Duration.ofMillis(100), Duration.ZERO);
  }

  /** A prescribed wait, as long as it is here; at least a millisecond. */
  Duration scaled(Duration wait) {
    return Duration.ofNanos(Math.max(1_000_000, (long) (wait.toNanos() * waits)));
  }
}
