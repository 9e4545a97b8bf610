// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * When a node came to each stage of its present run; a pure function of the journal. A rescue is no
 * run, and adds nothing.
 *
 * @param run as {@link NodeState#run}; 0 before anything was heard
 * @param rungs in the order of the way
 */
public record Way(int run, List<Rung> rungs) {
  /** Nothing was heard yet. */
  public static final Way NONE = new Way(0, List.of());

  /** A stage, and when it was reached. */
  public record Rung(Stage stage, Instant at) {}

  public Way {
    rungs = List.copyOf(rungs);
  }

  /** The way with one more state of the node; a machine that starts over loses what was ahead. */
  public Way after(NodeState state) {
    if (state.isInRescue()) {
      return this;
    }
    if (state.run() == run && !rungs.isEmpty() && rungs.getLast().stage() == state.stage()) {
      return this;
    }
    List<Rung> more = new ArrayList<>(state.run() == run ? rungs : List.of());
    more.removeIf(rung -> !rung.stage().isBefore(state.stage()));
    more.add(new Rung(state.stage(), state.since()));
    return new Way(state.run(), more);
  }
}
