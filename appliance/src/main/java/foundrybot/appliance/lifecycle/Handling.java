// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.RetryLimits;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was decided about a node beside its way: a hold stays over a new run and over a rescue; the
 * power cycles are those of the run.
 *
 * @param hold since when nobody touches it, by whom and why
 * @param cycles how often the appliance power-cycled it by itself in this run
 * @param cyclesAt the same by the stage at which it was stuck
 * @param lastCycle when it last did, also in a run before
 * @param lastStuck where the node stood then; empty in a run without any
 */
public record Handling(
    Optional<NodeHold> hold,
    int cycles,
    Map<Stage, Integer> cyclesAt,
    Optional<Instant> lastCycle,
    Optional<Stage> lastStuck) {
  /** Nothing was decided. */
  public static final Handling NONE =
      new Handling(Optional.empty(), 0, Map.of(), Optional.empty(), Optional.empty());

  public Handling {
    cyclesAt = Map.copyOf(cyclesAt);
  }

  private static final String AT = "stuck at ";

  /** The detail of the fact that a node is power-cycled. */
  public static String cycleDetail(Stage stage, String why) {
    return AT + stage + ": " + why;
  }

  Handling after(FactKind kind, Fact fact) {
    return switch (kind) {
      case NODE_HELD -> {
        NodeHold held = hold.orElseGet(() -> NodeHold.of(fact));
        yield new Handling(Optional.of(held), cycles, cyclesAt, lastCycle, lastStuck);
      }
      // New attempts, but no power cycle too soon.
      case NODE_RESUMED -> new Handling(Optional.empty(), 0, Map.of(), lastCycle, lastStuck);
      case POWER_AGAIN -> cycled(fact);
      default -> this;
    };
  }

  private Handling cycled(Fact fact) {
    Optional<Stage> stuck = stage(fact);
    Map<Stage, Integer> counted = new EnumMap<>(Stage.class);
    counted.putAll(cyclesAt);
    stuck.ifPresent(stage -> counted.merge(stage, 1, Integer::sum));
    return new Handling(hold, cycles + 1, counted, Optional.of(fact.at()), stuck);
  }

  Handling inNewRun() {
    return new Handling(hold, 0, Map.of(), lastCycle, Optional.empty());
  }

  /**
   * Which of the power cycles count where it is stuck at that stage: those there, if the stage has
   * attempts of its own, and else those of all stages that have none.
   */
  int cyclesAgainst(Stage stage, RetryLimits limits) {
    if (limits.atStages().containsKey(stage.toString())) {
      return cyclesAt.getOrDefault(stage, 0);
    }
    int elsewhere =
        cyclesAt.entrySet().stream()
            .filter(of -> limits.atStages().containsKey(of.getKey().toString()))
            .mapToInt(Map.Entry::getValue)
            .sum();
    return cycles - elsewhere;
  }

  private static Optional<Stage> stage(Fact fact) {
    return Arrays.stream(Stage.values())
        .filter(stage -> fact.detail().startsWith(AT + stage + ":"))
        .findFirst();
  }
}
