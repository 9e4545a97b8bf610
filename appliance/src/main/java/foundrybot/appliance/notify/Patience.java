// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * What follows from an answer, or from there being none: a pure function of it and the clock.
 *
 * @param first after the first try that failed; twice as long after each further one
 * @param most between two tries, unless the receiver asks for more
 * @param longestAsked that a receiver may ask for
 * @param refusals tries after which what is refused (3xx, 4xx) is given up
 * @param longest how long anything is tried
 */
public record Patience(
    Duration first, Duration most, Duration longestAsked, int refusals, Duration longest) {
  /** 1 s to 5 min, an hour at most if asked for; 5 refusals; 3 days. */
  public static final Patience USUAL =
      new Patience(
          Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofHours(1), 5, Duration.ofDays(3));

  private static final int GONE = 410;

  /** What a receiver said. */
  sealed interface Reply {
    /**
     * It answered.
     *
     * @param retryAfter the header's value; empty if there is none
     * @param said the beginning of its answer, for people
     */
    record Answered(int status, String retryAfter, String said) implements Reply {}

    /** It did not, or could not be asked. */
    record Unanswered(String why) implements Reply {}
  }

  /** What is to be done. */
  sealed interface Verdict {
    /** It has it. */
    record Delivered() implements Verdict {}

    /** Once more, at that time. */
    record Again(Instant at, String why) implements Verdict {}

    /** Never again; the next one. */
    record Dead(String why) implements Verdict {}

    /** Nothing more to that receiver: it wants no more (RFC 9110, section 15.5.11). */
    record Gone(String why) implements Verdict {}
  }

  /**
   * Judges a try.
   *
   * @param tries with this one
   * @param begun when the first one was
   * @param random of 0 to 1
   */
  Verdict judge(Reply reply, int tries, Instant begun, Instant now, double random) {
    return switch (reply) {
      case Reply.Answered answered when answered.status() / 100 == 2 -> new Verdict.Delivered();
      case Reply.Answered answered when answered.status() == GONE ->
          new Verdict.Gone(
              "410: it wants no more; take the webhook out of the rack file, or mend it and try"
                  + " 'bootserver webhooks test'");
      case Reply.Answered answered -> {
        String why = (answered.status() + " " + answered.said()).strip();
        yield isRefusal(answered.status()) && tries >= refusals
            ? new Verdict.Dead(why + ", " + tries + " times")
            : again(why, asked(answered.retryAfter(), now), tries, begun, now, random);
      }
      case Reply.Unanswered(String why) -> again(why, Duration.ZERO, tries, begun, now, random);
    };
  }

  private static boolean isRefusal(int status) {
    return status < 500 && status != 408 && status != 425 && status != 429;
  }

  private Verdict again(
      String why, Duration asked, int tries, Instant begun, Instant now, double random) {
    if (!now.isBefore(begun.plus(longest))) {
      return new Verdict.Dead(why + ", tried for " + longest.toHours() + " h");
    }
    Duration wait = wait(tries, random);
    return new Verdict.Again(now.plus(asked.compareTo(wait) > 0 ? asked : wait), why);
  }

  /** Half of it is left to chance, so that receivers that were away are not met by all at once. */
  private Duration wait(int tries, double random) {
    Duration whole = first;
    for (int i = 1; i < tries && whole.compareTo(most) < 0; i++) {
      whole = whole.multipliedBy(2);
    }
    Duration bounded = whole.compareTo(most) < 0 ? whole : most;
    long half = bounded.toMillis() / 2;
    return Duration.ofMillis(half + (long) (half * random));
  }

  /** Seconds or a date (RFC 9110, section 10.2.3). */
  private Duration asked(String retryAfter, Instant now) {
    Duration asked =
        retryAfter.matches("\\d{1,9}")
            ? Duration.ofSeconds(Long.parseLong(retryAfter))
            : date(retryAfter).map(at -> Duration.between(now, at)).orElse(Duration.ZERO);
    return asked.compareTo(longestAsked) > 0 ? longestAsked : asked;
  }

  private static Optional<Instant> date(String text) {
    try {
      return text.isEmpty()
          ? Optional.empty()
          : Optional.of(
              ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
