// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;

/**
 * How often something was seen of a node at its present stage.
 *
 * @param count 1 or more; {@link #MOST} stands for any more
 * @param said the last time
 */
record Sighting(Instant first, Instant last, int count, String said) {
  /** More are not counted: what is pruned from the journal must not change a state. */
  static final int MOST = 10;

  private static final int MOST_SAID = 320;

  Sighting {
    said = said.length() > MOST_SAID ? said.substring(0, MOST_SAID - 1) + "…" : said;
  }

  static Sighting of(Fact fact) {
    return new Sighting(fact.at(), fact.at(), 1, fact.detail());
  }

  Sighting again(Fact fact) {
    return new Sighting(first, fact.at(), Math.min(MOST, count + 1), fact.detail());
  }

  /** {@code 4 times}. */
  String times() {
    return times(count);
  }

  /** The same of another count of 1 or more, of which {@link #MOST} stands for any more. */
  static String times(int count) {
    return count == 1 ? "once" : count + (count == MOST ? " times or more" : " times");
  }

  /** One line of evidence. */
  String line(Mark mark) {
    String text = last + " " + mark.words() + (said.isEmpty() ? "" : ": " + said);
    return count == 1 ? text : text + " (" + times() + " since " + first + ")";
  }
}
