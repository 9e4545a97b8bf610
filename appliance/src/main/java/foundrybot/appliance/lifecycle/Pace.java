// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long machines of a profile have taken from each stage to the goal, in this run and earlier
 * ones of any node: what an estimate is made of. Follows from the journal alone.
 */
public final class Pace {
  /** The latest arrivals count; what hardware or mirror were a year ago does not. */
  private static final int MOST = 15;

  private final Map<String, Map<Stage, Deque<Duration>>> taken = new HashMap<>();

  /** A node of that profile has come to the end of its way. */
  public synchronized void arrived(String profile, Way way) {
    Instant end = way.rungs().getLast().at();
    Map<Stage, Deque<Duration>> ofProfile =
        taken.computeIfAbsent(profile, _ -> new EnumMap<>(Stage.class));
    for (Way.Rung rung : way.rungs()) {
      Deque<Duration> latest = ofProfile.computeIfAbsent(rung.stage(), _ -> new ArrayDeque<>());
      latest.addLast(Duration.between(rung.at(), end));
      if (latest.size() > MOST) {
        latest.removeFirst();
      }
    }
  }

  /**
   * How much longer a node will probably take: what half of the others had taken from that stage
   * on, less what it has been there already; never less than nothing.
   *
   * @return empty if no machine of the profile has come from there to the goal, or it is there
   */
  public Optional<Duration> left(String profile, Stage stage, Instant since, Instant now) {
    return until(profile, stage, since)
        .map(end -> Duration.between(now, end))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }

  /**
   * When that will be, whether it is past or not; the clock does not change it.
   *
   * @return empty as {@link #left}
   */
  public synchronized Optional<Instant> until(String profile, Stage stage, Instant since) {
    Deque<Duration> latest = taken.getOrDefault(profile, Map.of()).get(stage);
    if (latest == null || stage == Stage.GOAL) {
      return Optional.empty();
    }
    Duration usual =
        latest.stream().sorted().skip((latest.size() - 1) / 2).findFirst().orElseThrow();
    return Optional.of(since.plus(usual));
  }
}
