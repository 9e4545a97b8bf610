// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Evidence that says again what was said a moment ago is counted, and the count stands in the next
 * line of its kind: a client that resends is one line, not many, and a storm of them costs the
 * journal nothing.
 */
final class Repeats {
  /** Shorter than what firmware waits before its second resend, so that patience stays visible. */
  static final Duration MOMENT = Duration.ofSeconds(5);

  private static final class Last {
    private final String detail;
    private final Instant at;
    private int again;

    private Last(String detail, Instant at) {
      this.detail = detail;
      this.at = at;
    }
  }

  private final Clock clock;
  // Machines of the rack file times kinds of events, of which the program has a few dozen.
  private final Map<String, Map<String, Last>> machines = new HashMap<>();

  Repeats(Clock clock) {
    this.clock = clock;
  }

  /**
   * Whether the machine's last event of this kind was the same, a moment ago; then it is counted.
   */
  synchronized boolean isOne(String machine, String kind, String detail) {
    Map<String, Last> kinds = machines.get(machine);
    Last last = kinds == null ? null : kinds.get(kind);
    if (last == null
        || !last.detail.equals(detail)
        || !clock.instant().isBefore(last.at.plus(MOMENT))) {
      return false;
    }
    last.again++;
    return true;
  }

  /**
   * Remembers an event that is written.
   *
   * @return the detail to write, with how often the event before it was repeated
   */
  synchronized String written(String machine, String kind, String detail) {
    Last before =
        machines
            .computeIfAbsent(machine, _ -> new HashMap<>())
            .put(kind, new Last(detail, clock.instant()));
    return before == null || before.again == 0
        ? detail
        : detail + " (and " + before.again + " more like the last one before)";
  }

  /** Something new begins for the machine: what comes next is written, whatever it says. */
  synchronized void forget(String machine) {
    machines.remove(machine);
  }
}
