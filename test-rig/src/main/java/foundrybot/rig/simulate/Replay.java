// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Handling;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.lifecycle.Rescue;
import foundrybot.appliance.lifecycle.RunTokens;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.rig.simulate.Invariant.Violated;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Compares where nodes stand before an appliance ends, and after the next one has started. */
final class Replay {
  private Replay() {}

  /** Where all nodes stand, to be compared after a restart. */
  static Map<Mac, NodeState> states(World world) {
    Map<Mac, NodeState> states = new LinkedHashMap<>();
    for (Node node : world.rack().nodes()) {
      states.put(node.mac(), world.appliance().orElseThrow().state(node.mac()));
    }
    return states;
  }

  /**
   * All of a node's state that decides anything. Evidence that moved nobody is not read again, so
   * the last words about a node may be older after a restart; and who is only planned has been so
   * since the start, whenever that was.
   */
  private record Standing(
      Stage stage,
      int run,
      int attempt,
      Instant since,
      Instant progressAt,
      Optional<String> failure,
      RunTokens tokens,
      Identity identity,
      PowerRun power,
      Optional<Rescue> rescue,
      Handling handling) {
    static Standing of(NodeState state) {
      return new Standing(
          state.stage(),
          state.run(),
          state.attempt(),
          state.stage() == Stage.PLANNED ? Instant.EPOCH : state.since(),
          state.stage() == Stage.PLANNED ? Instant.EPOCH : state.progressAt(),
          state.failure(),
          state.tokens(),
          state.identity(),
          state.power(),
          state.rescue(),
          state.handling());
    }
  }

  /** A node of which nothing was heard stands where it stands since the start. */
  static void compare(Map<Mac, NodeState> before, Map<Mac, NodeState> after) {
    before.forEach(
        (mac, was) -> {
          NodeState is = after.getOrDefault(mac, NodeState.planned(was.since()));
          boolean nothing = was.equals(NodeState.planned(was.since()));
          boolean same =
              nothing
                  ? NodeState.planned(is.since()).equals(is)
                  : Standing.of(was).equals(Standing.of(is));
          if (!same) {
            throw new Violated(
                Invariant.REPLAY_EQUALS, mac + " was " + was + ", and is " + is + " after replay");
          }
        });
  }
}
