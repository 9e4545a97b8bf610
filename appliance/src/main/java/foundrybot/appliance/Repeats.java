// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Evidence of one machine that says again what was said a moment ago is counted, and the count
 * stands in the next line of its kind: a client that resends is one line, not many, and a storm of
 * them costs the journal nothing, not even the making of the text.
 */
final class Repeats {
  /** Shorter than what firmware waits before its second resend, so that patience stays visible. */
  static final Duration MOMENT = Duration.ofSeconds(5);

  private static final long MOMENT_MILLIS = MOMENT.toMillis();

  /** The last line of one kind; of what it said only the hash, since racks are large. */
  private static final class Last {
    private final String kind;
    private int said;
    private long at;
    private int again;

    private Last(String kind) {
      this.kind = kind;
    }
  }

  // As many as the program has kinds of such events; a machine causes about four.
  private final List<Last> kinds = new ArrayList<>(4);

  /**
   * Whether the machine's last line of this kind was the same, a moment ago; then it is counted.
   *
   * @param now milliseconds
   */
  synchronized boolean isOne(String kind, Object said, long now) {
    for (Last last : kinds) {
      if (last.kind.equals(kind)) {
        boolean same = last.said == said.hashCode() && Math.abs(now - last.at) < MOMENT_MILLIS;
        last.again += same ? 1 : 0;
        return same;
      }
    }
    return false;
  }

  /**
   * Remembers an event that is written.
   *
   * @return the text to write, with how often the event before it was repeated
   */
  synchronized String written(String kind, Object said, long now) {
    Last last = lastOf(kind);
    int again = last.again;
    last.said = said.hashCode();
    last.at = now;
    last.again = 0;
    return again == 0
        ? said.toString()
        : said + " (and " + again + " more like the last one before)";
  }

  private Last lastOf(String kind) {
    for (Last last : kinds) {
      if (last.kind.equals(kind)) {
        return last;
      }
    }
    Last first = new Last(kind);
    kinds.add(first);
    return first;
  }

  /** Something new begins for the machine: what comes next is written, whatever it says. */
  synchronized void forget() {
    kinds.clear();
  }
}
