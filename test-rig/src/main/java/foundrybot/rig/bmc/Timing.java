// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;

/**
 * How long what is slow takes.
 *
 * @param slow an answer hit by {@link Fault#SLOW}
 * @param lag until the power state is told, with {@link Fault#LAG}
 * @param stale how long the old state is shown, with {@link Fault#STALE}
 * @param task until a task is done
 * @param retryAfter what a busy BMC asks for, whole seconds
 */
public record Timing(
    Duration slow, Duration lag, Duration stale, Duration task, Duration retryAfter) {

  /** As real ones do. */
  public static final Timing REAL =
      new Timing(
          Duration.ofSeconds(5),
          Duration.ofSeconds(8),
          Duration.ofSeconds(5),
          Duration.ofSeconds(4),
          Duration.ofSeconds(2));

  /** Short, for tests. */
  public static final Timing BRISK =
      new Timing(
          Duration.ofMillis(500),
          Duration.ofMillis(700),
          Duration.ofMillis(700),
          Duration.ofMillis(400),
          Duration.ofSeconds(1));
}
