// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import java.time.Instant;

/** What deploying a node means, by where it stands. */
sealed interface Plan {
  /**
   * Its run is opened.
   *
   * @param newRun whether that is another run than the one at hand
   * @param byHand whether people switch it on
   */
  record Open(boolean newRun, boolean byHand) implements Plan {}

  /** Nothing is done to it. */
  record Leave(Begun.Answer answer, String why) implements Plan {}

  /**
   * Decides.
   *
   * @param byHand whether people switch it on
   */
  static Plan deploy(NodeState state, boolean byHand, Instant now) {
    if (state.isComplete()) {
      return new Leave(
          Begun.Answer.READY, "enrolled already; 'bootserver reinstall' installs it anew");
    }
    if (state.power().isUnderWay()) {
      return new Leave(Begun.Answer.UNDER_WAY, "is being switched on");
    }
    boolean moves =
        state.condition(now) == Condition.OK || state.condition(now) == Condition.RETRYING;
    if (moves) {
      return new Leave(
          Begun.Answer.UNDER_WAY,
          "on its way (" + state.stage() + "); 'bootserver reinstall' begins anew");
    }
    boolean unused = state.stage() == Stage.PLANNED && state.tokens().live().isEmpty();
    return new Open(!unused, byHand);
  }

  /** Whatever it is at, unless it is being switched on in this moment. */
  static Plan reinstall(NodeState state, boolean byHand) {
    return state.power().isUnderWay()
        ? new Leave(Begun.Answer.UNDER_WAY, "is being switched on; wait for that")
        : new Open(true, byHand);
  }
}
