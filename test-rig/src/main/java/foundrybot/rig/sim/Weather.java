// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a network does to datagrams, each way.
 *
 * @param loss share of the datagrams that never arrive, 0..0.9
 * @param doubled share of those that arrive twice, 0..0.9
 * @param reordered share of those that are overtaken by others, 0..0.9
 * @param delay of every datagram, one way
 */
public record Weather(double loss, double doubled, double reordered, Duration delay) {
  /** Nothing happens. */
  public static final Weather FAIR = new Weather(0, 0, 0, Duration.ZERO);

  /** Longer than what follows right behind needs. */
  private static final int OVERTAKEN_MILLIS = 15;

  public Weather {
    check("loss", loss);
    check("doubled", doubled);
    check("reordered", reordered);
    if (delay.isNegative() || delay.compareTo(Duration.ofSeconds(10)) > 0) {
      throw new IllegalArgumentException("delay: " + delay + " (expected: 0..10 s)");
    }
  }

  private static void check(String what, double share) {
    if (!(share >= 0 && share <= 0.9)) {
      throw new IllegalArgumentException(what + ": " + share + " (expected: 0..0.9)");
    }
  }

  /** When the copies of a datagram arrive, from now; empty if it is lost. */
  List<Duration> arrivals(RandomGenerator random) {
    List<Duration> arrivals = new ArrayList<>(2);
    if (random.nextDouble() >= loss) {
      arrivals.add(arrival(random));
      if (random.nextDouble() < doubled) {
        arrivals.add(arrival(random));
      }
    }
    return arrivals;
  }

  private Duration arrival(RandomGenerator random) {
    boolean late = random.nextDouble() < reordered;
    return late ? delay.plusMillis(1 + random.nextInt(OVERTAKEN_MILLIS)) : delay;
  }
}
