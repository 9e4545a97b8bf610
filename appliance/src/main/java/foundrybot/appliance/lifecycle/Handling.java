// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * What was decided about a node beside its way: a hold stays over a new run and over a rescue; the
 * power cycles are those of the run.
 *
 * @param hold since when nobody touches it, by whom and why
 * @param cycles how often the appliance power-cycled it by itself in this run
 * @param lastCycle when it last did, also in a run before
 * @param lastStuck where the node stood then; empty in a run without any
 */
public record Handling(
    Optional<NodeHold> hold, int cycles, Optional<Instant> lastCycle, Optional<Stage> lastStuck) {
  /** Nothing was decided. */
  public static final Handling NONE =
      new Handling(Optional.empty(), 0, Optional.empty(), Optional.empty());

  private static final String AT = "stuck at ";

  /** The detail of the fact that a node is power-cycled. */
  public static String cycleDetail(Stage stage, String why) {
    return AT + stage + ": " + why;
  }

  Handling after(FactKind kind, Fact fact) {
    return switch (kind) {
      case NODE_HELD -> with(Optional.of(hold.orElseGet(() -> NodeHold.of(fact))), cycles);
      // New attempts, but no power cycle too soon.
      case NODE_RESUMED -> with(Optional.empty(), 0);
      case POWER_AGAIN -> new Handling(hold, cycles + 1, Optional.of(fact.at()), stage(fact));
      default -> this;
    };
  }

  private Handling with(Optional<NodeHold> newHold, int newCycles) {
    return new Handling(newHold, newCycles, lastCycle, lastStuck);
  }

  Handling inNewRun() {
    return new Handling(hold, 0, lastCycle, Optional.empty());
  }

  private static Optional<Stage> stage(Fact fact) {
    return Arrays.stream(Stage.values())
        .filter(stage -> fact.detail().startsWith(AT + stage + ":"))
        .findFirst();
  }
}
