// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.rig.simulate.Invariant.Violated;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Diagnoses of nodes with which nothing is wrong. */
final class Alarms {
  /**
   * How long one may stand there: lost packets and a killed appliance look like a fault until the
   * machine asks again, or is power-cycled.
   */
  static final Duration MOMENT = Duration.ofMinutes(5);

  private final Map<Mac, Duration> since = new HashMap<>();
  private final Map<String, Duration> longest = new TreeMap<>();

  /** Each that was there, and for how long at most. */
  Map<String, Duration> longest() {
    return longest;
  }

  /**
   * A node is looked at.
   *
   * @param code of a diagnosis that is false; empty if there is none, or if it is true
   * @param said of the node, in words
   */
  void look(Mac mac, Optional<String> code, Duration now, String said) {
    if (code.isEmpty()) {
      since.remove(mac);
      return;
    }
    Duration lasts = now.minus(since.computeIfAbsent(mac, _ -> now));
    longest.merge(code.get(), lasts, (a, b) -> a.compareTo(b) > 0 ? a : b);
    if (lasts.compareTo(MOMENT) > 0) {
      throw new Violated(
          Invariant.NO_FALSE_ALARM,
          "for " + Report.text(lasts) + " of a node that has no fault it is said: " + said);
    }
  }
}
