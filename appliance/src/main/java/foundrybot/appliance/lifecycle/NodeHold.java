// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Somebody does not want a node touched: it gets no power command and no secrets until it is
 * resumed. What it tells is heard all the same.
 *
 * @param by the operator's name, or {@link #APPLIANCE}
 * @param why in the words of who holds it; may be empty
 */
public record NodeHold(Instant since, String by, String why) {
  /** Who holds a node whose attempts are used up. */
  public static final String APPLIANCE = "the appliance";

  /** Characters of a reason that are kept. */
  public static final int MAX_REASON = 200;

  private static final String BEFORE_WHY = ": ";

  /** The detail of the fact that a node is held. */
  public static String detail(String by, String why) {
    return by + BEFORE_WHY + why.substring(0, Math.min(why.length(), MAX_REASON));
  }

  static NodeHold of(Fact fact) {
    int end = fact.detail().indexOf(BEFORE_WHY);
    return end < 0
        ? new NodeHold(fact.at(), fact.detail(), "")
        : new NodeHold(
            fact.at(),
            fact.detail().substring(0, end),
            fact.detail().substring(end + BEFORE_WHY.length()));
  }

  /** Since when, by whom and why, for people. */
  public String said() {
    return "held since "
        + since.truncatedTo(ChronoUnit.SECONDS)
        + " by "
        + by
        + (why.isBlank() ? "" : BEFORE_WHY + why);
  }

  /** The next thing to do, in words. */
  public String tryNext(String node) {
    String resume = "bootserver resume " + node;
    return by.equals(APPLIANCE)
        ? "mend what it names, then " + resume + " gives it new attempts"
        : "ask " + by + "; " + resume + " lets it go on";
  }
}
