// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the attempts of a run ended, since their machine started over: how often at each stage that
 * none of them has come beyond. A power cycle gives a machine the time for other attempts before it
 * counts as looping again; what those before it have shown is remembered, for who is stuck then.
 *
 * @param since how many since the last power cycle
 * @param before how many before that
 */
record Ends(Map<Stage, Integer> since, Map<Stage, Integer> before) {
  static final Ends NONE = new Ends(Map.of(), Map.of());

  /** So many attempts that end at one stage are a loop. */
  static final int LOOP = 3;

  /**
   * Attempts that ended at one stage.
   *
   * @param times 1 or more; {@link Sighting#MOST} stands for any more
   */
  record At(Stage stage, int times) {
    /** {@code 4 times at kernel}. */
    @Override
    public String toString() {
      return Sighting.times(times) + " at " + stage;
    }
  }

  Ends {
    since = Map.copyOf(since);
    before = Map.copyOf(before);
  }

  /** With one more that ended there: what ended before that stage is behind the machine. */
  Ends with(Stage there) {
    return new Ends(more(from(since, there), there, 1), from(before, there));
  }

  /** Its power is switched off and on. */
  Ends cycled() {
    Map<Stage, Integer> all = before;
    for (Map.Entry<Stage, Integer> entry : since.entrySet()) {
      all = more(all, entry.getKey(), entry.getValue());
    }
    return new Ends(Map.of(), all);
  }

  /** The loop that a machine is in that has come to that stage: most ended there. */
  Optional<At> loop(Stage now) {
    return most(from(since, now)).filter(it -> it.times() >= LOOP).map(it -> all(it.stage()));
  }

  /** Those that ended at the stage, with those of before the last power cycle. */
  At all(Stage stage) {
    int times = since.getOrDefault(stage, 0) + before.getOrDefault(stage, 0);
    return new At(stage, Math.min(Sighting.MOST, times));
  }

  /** Where most ended before the last power cycle. */
  Optional<At> mostBefore() {
    return most(before);
  }

  private static Optional<At> most(Map<Stage, Integer> counts) {
    return counts.entrySet().stream()
        .max(
            Map.Entry.<Stage, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
        .map(it -> new At(it.getKey(), it.getValue()));
  }

  private static Map<Stage, Integer> from(Map<Stage, Integer> counts, Stage there) {
    Map<Stage, Integer> left = new EnumMap<>(Stage.class);
    counts.forEach(
        (stage, times) -> {
          if (!stage.isBefore(there)) {
            left.put(stage, times);
          }
        });
    return left;
  }

  private static Map<Stage, Integer> more(Map<Stage, Integer> counts, Stage stage, int times) {
    Map<Stage, Integer> all = new EnumMap<>(Stage.class);
    all.putAll(counts);
    all.merge(stage, times, (a, b) -> Math.min(Sighting.MOST, a + b));
    return all;
  }
}
