// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often the appliance power-cycles a machine that is stuck, before it leaves it to people.
 *
 * @param attempts power cycles in one run; 0..10, with 0 for none
 * @param cycleEvery at least between two of them; 1 minute to 24 hours. Each further one waits
 *     twice as long as the one before
 * @param atStages the same as attempts for who is stuck at a stage, by its name; those of a stage
 *     that is not here are among the ones of the run, and those of one that is are not
 */
public record RetryLimits(int attempts, Duration cycleEvery, Map<String, Integer> atStages) {
  static final int MOST_ATTEMPTS = 10;

  /** Where a role or a node has a number for all of its run. */
  static final String RUN = "run";

  /** What holds where the rack file says nothing. */
  public static final RetryLimits USUAL = new RetryLimits(3, Duration.ofMinutes(15));

  /** A length of time as the rack file has it, for a schema as well. */
  static final String FORM = "[1-9][0-9]{0,4}[smh]";

  private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,4})([smh])");
  private static final Duration LEAST = Duration.ofMinutes(1);
  private static final Duration MOST = Duration.ofHours(24);

  public RetryLimits {
    atStages = Map.copyOf(atStages);
  }

  /** Those of a whole run, wherever in it. */
  public RetryLimits(int attempts, Duration cycleEvery) {
    this(attempts, cycleEvery, Map.of());
  }

  /** The same for a node that has some of its own, or by its role: for the run, or for stages. */
  RetryLimits with(Map<String, Integer> own) {
    if (own.isEmpty()) {
      return this;
    }
    Map<String, Integer> stages = new HashMap<>(own);
    Integer ofRun = stages.remove(RUN);
    return new RetryLimits(ofRun == null ? attempts : ofRun, cycleEvery, stages);
  }

  /** How often who is stuck at that stage may be power-cycled. */
  public int at(String stage) {
    return atStages.getOrDefault(stage, attempts);
  }

  /** Whether none of these power-cycles anything. */
  public static boolean areNone(Collection<RetryLimits> limits) {
    return limits.stream()
        .allMatch(it -> it.attempts == 0 && it.atStages.values().stream().allMatch(n -> n == 0));
  }

  /** The length between two power cycles that a text names; empty if it is none or out of range. */
  static Optional<Duration> span(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(span.group(1));
    Duration time =
        switch (span.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    return Optional.of(time).filter(t -> t.compareTo(LEAST) >= 0 && t.compareTo(MOST) <= 0);
  }

  /** How long after a power cycle the next one may be at the earliest. */
  public Duration after(int cycles) {
    return cycleEvery.multipliedBy(1L << Math.clamp(cycles - 1, 0, MOST_ATTEMPTS));
  }
}
