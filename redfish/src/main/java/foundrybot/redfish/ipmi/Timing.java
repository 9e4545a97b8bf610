// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import java.time.Duration;

/**
 * How long is waited for an answer before a question is sent again.
 *
 * @param first for the first time; each further one is half as long again, up to three times it
 * @param tries how often it is sent, 1..50
 */
record Timing(Duration first, int tries) {
  Timing {
    if (first.isNegative() || first.isZero() || first.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("first wait: " + first + " (expected: up to a minute)");
    }
    if (tries < 1 || tries > 50) {
      throw new IllegalArgumentException("tries: " + tries + " (expected: 1..50)");
    }
  }

  Duration wait(int round) {
    double factor = Math.min(3, Math.pow(1.5, round));
    return Duration.ofNanos((long) (first.toNanos() * factor));
  }

  /** All waits together. */
  Duration whole() {
    Duration sum = Duration.ZERO;
    for (int i = 0; i < tries; i++) {
      sum = sum.plus(wait(i));
    }
    return sum;
  }
}
