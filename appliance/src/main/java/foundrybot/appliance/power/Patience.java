// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import java.time.Duration;

/**
 * How long BMCs and their machines are waited for.
 *
 * @param total for one node, from the first word to its BMC; what begins within it is ended
 * @param firstWait before the second attempt; each further wait is twice as long
 * @param longestWait between two attempts
 * @param on for a machine to be on
 * @param off for a machine to be off
 * @param rest between off and on: power supplies need to drain
 * @param gap between two commands to one BMC
 * @param place after which a BMC that does not answer counts no longer among those spoken to
 */
public record Patience(
    Duration total,
    Duration firstWait,
    Duration longestWait,
    Duration on,
    Duration off,
    Duration rest,
    Duration gap,
    Duration place) {

  /** What suits real BMCs. */
  public static final Patience USUAL =
      new Patience(
          Duration.ofMinutes(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          Duration.ofMinutes(2),
          Duration.ofMinutes(2),
          Duration.ofSeconds(5),
          Duration.ofMillis(250),
          Duration.ofSeconds(10));

  /** The wait behind an attempt. */
  Duration after(int attempt) {
    Duration wait = firstWait.multipliedBy(1L << Math.min(attempt - 1, 20));
    return wait.compareTo(longestWait) > 0 ? longestWait : wait;
  }
}
