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
 * ones of any node: what an estimate is made of. A role brings packages and files of its own, so
 * those of the same role count, if there are any. Follows from the journal alone.
 */
public final class Pace {
  /** The latest arrivals count; what hardware or mirror were a year ago does not. */
  private static final int MOST = 15;

  /** What machines have in common that take about as long. */
  public record Kind(String profile, String role) {
    /** Of any role; no role is called so. */
    private Kind ofAnyRole() {
      return new Kind(profile, "");
    }
  }

  private final Map<Kind, Map<Stage, Deque<Duration>>> taken = new HashMap<>();

  /** A node of that kind has come to the end of its way. */
  public synchronized void arrived(Kind kind, Way way) {
    add(kind, way);
    add(kind.ofAnyRole(), way);
  }

  private void add(Kind kind, Way way) {
    Instant end = way.rungs().getLast().at();
    Map<Stage, Deque<Duration>> ofKind =
        taken.computeIfAbsent(kind, _ -> new EnumMap<>(Stage.class));
    for (Way.Rung rung : way.rungs()) {
      Deque<Duration> latest = ofKind.computeIfAbsent(rung.stage(), _ -> new ArrayDeque<>());
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
  public Optional<Duration> left(Kind kind, Stage stage, Instant since, Instant now) {
    return until(kind, stage, since)
        .map(end -> Duration.between(now, end))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }

  /**
   * When that will be, whether it is past or not; the clock does not change it.
   *
   * @return empty as {@link #left}
   */
  public synchronized Optional<Instant> until(Kind kind, Stage stage, Instant since) {
    return stage == Stage.GOAL
        ? Optional.empty()
        : usual(kind, stage).or(() -> usual(kind.ofAnyRole(), stage)).map(since::plus);
  }

  /** What half of the latest have taken from there. */
  private Optional<Duration> usual(Kind kind, Stage stage) {
    return Optional.ofNullable(taken.getOrDefault(kind, Map.of()).get(stage))
        .flatMap(all -> all.stream().sorted().skip((all.size() - 1) / 2).findFirst());
  }
}
