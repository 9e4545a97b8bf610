// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.RetryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stops what the appliance does by itself about stuck machines, when so many of them fail at the
 * same stage that it can be none of them: then it is the server, or the switch. Like a node's state
 * it follows from the journal alone.
 *
 * @param since when it stopped, and nobody let it go on; empty where all goes its way
 * @param why for people; empty where since is
 * @param released when it was last let go on; what failed before counts no longer
 */
public record Brake(Optional<Instant> since, String why, Instant released) {
  /** Of a fleet that never stopped. */
  public static final Brake OFF = new Brake(Optional.empty(), "", Instant.EPOCH);

  /** So few are no sign of anything. */
  static final int LEAST = 3;

  /** More than these of a hundred nodes under way. */
  static final int PER_CENT = 30;

  /** A passed deadline is seen, and acted upon, within this. */
  private static final Duration MOMENT = Duration.ofMinutes(1);

  /** The brake after one more fact. */
  public Brake after(Fact fact) {
    return switch (FactKind.of(fact.kind()).orElse(FactKind.PROGRESS)) {
      case FLEET_BRAKED ->
          since.isPresent() ? this : new Brake(Optional.of(fact.at()), fact.detail(), released);
      case FLEET_RELEASED -> new Brake(Optional.empty(), "", fact.at());
      default -> this;
    };
  }

  /** Whether a fact is the brake's, or another one of the fleet as a whole. */
  public static boolean isOf(Fact fact) {
    return fact.mac().isEmpty() && FactKind.of(fact.kind()).filter(FactKind::ofFleet).isPresent();
  }

  /** A node, and how long it may be silent. */
  public record Watched(NodeState state, Deadlines deadlines) {}

  /** How many failed at one stage, and the longest that one of them may take there. */
  private record Failures(int count, Duration within) {
    private Failures and(Failures other) {
      return new Failures(
          count + other.count, within.compareTo(other.within) < 0 ? other.within : within);
    }

    private String said(Stage stage, int underWay) {
      boolean whole = within.toSecondsPart() == 0;
      return count
          + " of "
          + underWay
          + " nodes under way failed at "
          + stage
          + " within "
          + (whole ? within.toMinutes() + " min" : within.toSeconds() + " s")
          + ": it is the server or the switch, not the nodes";
    }
  }

  /**
   * Why to stop now; empty if there is no reason, if there is nothing to stop, or if it stopped
   * before.
   *
   * @param fleet all nodes of the rack file
   * @param limits of all of them
   */
  public Optional<String> trips(
      Collection<Watched> fleet, Collection<RetryLimits> limits, Instant now) {
    if (since.isPresent() || RetryLimits.areNone(limits)) {
      return Optional.empty();
    }
    List<Watched> underWay = fleet.stream().filter(node -> isUnderWay(node.state())).toList();
    Map<Stage, Failures> failed = new EnumMap<>(Stage.class);
    for (Watched node : underWay) {
      failedAt(node, now)
          .ifPresent(stage -> failed.merge(stage, failure(node, stage), Failures::and));
    }
    return failed.entrySet().stream()
        .filter(e -> e.getValue().count() >= LEAST)
        .filter(e -> e.getValue().count() * 100 > PER_CENT * underWay.size())
        .max(Comparator.comparingInt(e -> e.getValue().count()))
        .map(e -> e.getValue().said(e.getKey(), underWay.size()));
  }

  private static Failures failure(Watched node, Stage stage) {
    return new Failures(1, node.deadlines().limit(stage).orElse(Duration.ZERO));
  }

  /** Who is no business of the retries says nothing of the server or the switch. */
  private static boolean isUnderWay(NodeState state) {
    return state.stage() != Stage.PLANNED && !state.isComplete() && Retry.isOurs(state);
  }

  /** Where a node failed, if that is not longer ago than that stage may take. */
  private Optional<Stage> failedAt(Watched node, Instant now) {
    NodeState state = node.state();
    Optional<Instant> passed =
        Retry.due(state, node.deadlines())
            .filter(due -> !due.isAfter(now) && Retry.mayCycle(state));
    if (passed.isPresent()) {
      return Optional.of(state.stage())
          .filter(stage -> counts(node, stage, passed.get(), now))
          .filter(_ -> !wasDueBefore(node));
    }
    return state
        .handling()
        .lastStuck()
        .filter(
            stage ->
                state
                    .handling()
                    .lastCycle()
                    .filter(at -> counts(node, stage, at, now))
                    .filter(at -> !isOfOldSilence(node, stage, at))
                    .isPresent());
  }

  /** All that were silent at the appliance's start are due in the same moment after it. */
  private static boolean wasDueBefore(Watched node) {
    return Retry.due(node.state(), node.deadlines().since(Instant.EPOCH))
        .filter(due -> !due.isAfter(node.deadlines().listening()))
        .isPresent();
  }

  /** Whether a machine was cycled in that very moment. */
  private static boolean isOfOldSilence(Watched node, Stage stage, Instant cycled) {
    Instant listening = node.deadlines().listening();
    return !cycled.isBefore(listening)
        && node.deadlines()
            .limit(stage)
            .filter(limit -> cycled.isBefore(listening.plus(limit).plus(MOMENT)))
            .isPresent();
  }

  private boolean counts(Watched node, Stage stage, Instant at, Instant now) {
    return at.isAfter(released)
        && node.deadlines().limit(stage).filter(limit -> !now.isAfter(at.plus(limit))).isPresent();
  }
}
