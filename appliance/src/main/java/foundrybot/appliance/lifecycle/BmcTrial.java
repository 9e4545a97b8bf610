// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A BMC that did not do what it was asked, and is asked again.
 *
 * @param said what was asked and answered the last time
 * @param since when the first of these attempts had failed
 * @param times how often, in words
 * @param next when it is asked again; empty if the journal does not tell
 */
public record BmcTrial(String said, Instant since, String times, Optional<Instant> next) {
  private static final Pattern DETAIL =
      Pattern.compile("again in (\\d{1,6}) s: (.*)", Pattern.DOTALL);

  /** The detail of the fact that an attempt has failed; {@link #of} reads it. */
  public static String detail(Duration wait, String said) {
    // The wait goes first: what a BMC says may be long, and is cut.
    return "again in " + wait.toSeconds() + " s: " + said;
  }

  static BmcTrial of(Sighting tried) {
    Matcher matcher = DETAIL.matcher(tried.said());
    boolean known = matcher.matches();
    return new BmcTrial(
        known ? matcher.group(2) : tried.said(),
        tried.first(),
        tried.times(),
        known
            ? Optional.of(tried.last().plusSeconds(Long.parseLong(matcher.group(1))))
            : Optional.empty());
  }

  /** All of it, in one line. */
  public String text() {
    return said
        + "; failed "
        + times
        + " since "
        + inWords(since)
        + next.map(at -> ", asked again at " + inWords(at)).orElse("");
  }

  private static Instant inWords(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS);
  }
}
