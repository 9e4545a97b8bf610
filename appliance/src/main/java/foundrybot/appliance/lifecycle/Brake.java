// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
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

  /** The brake after one more fact. */
  public Brake after(Fact fact) {
    return switch (FactKind.of(fact.kind()).orElse(FactKind.PROGRESS)) {
      case FLEET_BRAKED ->
          since.isPresent() ? this : new Brake(Optional.of(fact.at()), fact.detail(), released);
      case FLEET_RELEASED -> new Brake(Optional.empty(), "", fact.at());
      default -> this;
    };
  }

  /** Whether a fact is the brake's. */
  public static boolean isOf(Fact fact) {
    return fact.mac().isEmpty() && FactKind.of(fact.kind()).filter(FactKind::ofFleet).isPresent();
  }

  /** A node, and how long it may be silent. */
  public record Watched(NodeState state, Deadlines deadlines) {}

  /**
   * Why to stop now; empty if there is no reason, or if it stopped before.
   *
   * @param fleet all nodes of the rack file
   * @param listening since when the appliance hears them; nobody failed before
   */
  public Optional<String> trips(Collection<Watched> fleet, Instant listening, Instant now) {
    if (since.isPresent()) {
      return Optional.empty();
    }
    List<Watched> underWay = fleet.stream().filter(node -> isUnderWay(node.state())).toList();
    Map<Stage, Integer> failed = new EnumMap<>(Stage.class);
    for (Watched node : underWay) {
      failedAt(node, listening, now).ifPresent(stage -> failed.merge(stage, 1, Integer::sum));
    }
    return failed.entrySet().stream()
        .filter(e -> e.getValue() >= LEAST && e.getValue() * 100 > PER_CENT * underWay.size())
        .max(Map.Entry.comparingByValue())
        .map(e -> said(e.getKey(), e.getValue(), underWay.size()));
  }

  private static String said(Stage stage, int failed, int underWay) {
    return failed
        + " of "
        + underWay
        + " nodes under way failed at "
        + stage
        + " within "
        + stage.limit().map(Duration::toMinutes).orElse(0L)
        + " min: it is the server or the switch, not the nodes";
  }

  private static boolean isUnderWay(NodeState state) {
    boolean ofOperator =
        state.hold().filter(hold -> !hold.by().equals(NodeHold.APPLIANCE)).isPresent();
    return state.stage() != Stage.PLANNED
        && !state.isComplete()
        && !state.isInRescue()
        && !ofOperator;
  }

  /** Where a node failed, if that is not longer ago than that stage may take. */
  private Optional<Stage> failedAt(Watched node, Instant listening, Instant now) {
    NodeState state = node.state();
    Optional<Instant> passed =
        Retry.due(state, listening, node.deadlines()).filter(due -> !due.isAfter(now));
    return passed.isPresent()
        ? Optional.of(state.stage()).filter(stage -> counts(stage, passed.get(), now))
        : state
            .handling()
            .lastStuck()
            .filter(
                stage ->
                    state.handling().lastCycle().filter(at -> counts(stage, at, now)).isPresent());
  }

  private boolean counts(Stage stage, Instant at, Instant now) {
    return at.isAfter(released)
        && stage.limit().filter(limit -> !now.isAfter(at.plus(limit))).isPresent();
  }
}
