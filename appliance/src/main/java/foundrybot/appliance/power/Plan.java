// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeHold;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.lifecycle.Rescue;
import foundrybot.appliance.lifecycle.Stage;
import java.time.Instant;
import java.util.Optional;

/** What deploying a node means, by where it stands. */
sealed interface Plan {
  /**
   * It is switched on.
   *
   * @param fact what happens to its run before; nothing where it goes on as it is
   * @param byHand whether people switch it on
   */
  record Open(Optional<FactKind> fact, boolean byHand) implements Plan {}

  /** Something happens to its run, and nothing to its power. */
  record Settle(FactKind fact, String said) implements Plan {}

  /** Nothing is done to it. */
  record Leave(Begun.Answer answer, String why) implements Plan {}

  /**
   * Decides.
   *
   * @param byHand whether people switch it on
   */
  static Plan deploy(NodeState state, boolean byHand, Instant now, Deadlines deadlines) {
    if (state.hold().isPresent()) {
      return held(state.hold().get());
    }
    if (state.isComplete()) {
      return new Leave(
          Begun.Answer.READY, "enrolled already; 'bootserver reinstall' installs it anew");
    }
    if (state.power().isUnderWay()) {
      return new Leave(Begun.Answer.UNDER_WAY, "is being switched on");
    }
    if (state.purpose().filter(it -> it != Purpose.RESCUE).isPresent()
        && moves(state, now, deadlines)) {
      return new Leave(
          Begun.Answer.UNDER_WAY,
          "is booted to "
              + state.purpose().map(Purpose::toString).orElse("")
              + "; wait for that, or end it with 'bootserver rescue --end'");
    }
    if (state.rescue().filter(Rescue::hasDisk).isPresent()) {
      return new Leave(
          Begun.Answer.READY,
          "in rescue, with a finished disk; 'bootserver rescue --end' takes it back to that,"
              + " 'bootserver reinstall' installs it anew");
    }
    if (state.isInRescue()) {
      return new Open(Optional.of(FactKind.RUN_STARTED), byHand);
    }
    if (state.stage() == Stage.ERASED || state.isReleased()) {
      return new Open(Optional.of(FactKind.RUN_STARTED), byHand);
    }
    if (moves(state, now, deadlines)) {
      return new Leave(
          Begun.Answer.UNDER_WAY,
          "on its way (" + state.stage() + "); 'bootserver reinstall' begins anew");
    }
    boolean unused = state.stage() == Stage.PLANNED && state.tokens().live().isEmpty();
    return new Open(unused ? Optional.empty() : Optional.of(FactKind.RUN_STARTED), byHand);
  }

  private static Plan held(NodeHold hold) {
    return new Leave(Begun.Answer.REFUSED, hold.said() + " (expected: 'bootserver resume' before)");
  }

  private static boolean moves(NodeState state, Instant now, Deadlines deadlines) {
    Condition condition = state.condition(now, deadlines);
    return condition == Condition.OK || condition == Condition.RETRYING;
  }

  /** Whatever it is at, unless it is being switched on in this moment. */
  static Plan reinstall(NodeState state, boolean byHand) {
    if (state.hold().isPresent()) {
      return held(state.hold().get());
    }
    return state.power().isUnderWay()
        ? new Leave(Begun.Answer.UNDER_WAY, "is being switched on; wait for that")
        : new Open(Optional.of(FactKind.RUN_STARTED), byHand);
  }

  /**
   * Into the deploy environment for that purpose, whatever it is at, unless it is being installed,
   * or is there for another one.
   *
   * @param force whether an installation is broken off
   */
  static Plan aside(
      NodeState state,
      Purpose purpose,
      boolean byHand,
      boolean force,
      Instant now,
      Deadlines deadlines) {
    if (state.hold().isPresent()) {
      return held(state.hold().get());
    }
    if (state.power().isUnderWay()) {
      return new Leave(Begun.Answer.UNDER_WAY, "is being switched on; wait for that");
    }
    boolean moves = moves(state, now, deadlines);
    if (state.isInRescue() && moves) {
      return state.purpose().equals(Optional.of(purpose))
          ? new Leave(
              Begun.Answer.UNDER_WAY,
              purpose == Purpose.RESCUE
                  ? "in rescue already, or on its way to it"
                  : "is at that already (" + state.stage() + ")")
          : new Leave(
              Begun.Answer.REFUSED,
              "is booted to "
                  + state.purpose().map(Purpose::toString).orElse("")
                  + " at this time (expected: 'bootserver rescue --end' before)");
    }
    if (moves && !state.isAtRest() && !force) {
      return new Leave(Begun.Answer.REFUSED, underWay(state));
    }
    return new Open(Optional.of(started(purpose)), byHand);
  }

  /**
   * Out of the cluster, whatever it is at, unless something goes on with it.
   *
   * @param force whether that is broken off
   */
  static Plan release(NodeState state, boolean force, Instant now, Deadlines deadlines) {
    if (state.hold().isPresent()) {
      return held(state.hold().get());
    }
    if (state.isReleased()) {
      return new Leave(Begun.Answer.READY, "released already");
    }
    if (state.power().isUnderWay()) {
      return new Leave(Begun.Answer.REFUSED, "is being switched on; wait for that");
    }
    if (moves(state, now, deadlines) && !state.isAtRest() && !force) {
      return new Leave(
          Begun.Answer.REFUSED,
          state
              .purpose()
              .map(it -> "is booted to " + it + "; wait for that, or break it off with --force")
              .orElseGet(() -> underWay(state)));
    }
    return new Settle(
        FactKind.NODE_RELEASED, "released; 'bootserver deploy' with its name takes it back");
  }

  private static FactKind started(Purpose purpose) {
    return switch (purpose) {
      case RESCUE -> FactKind.RESCUE_STARTED;
      case INSPECT -> FactKind.INSPECTION_STARTED;
      case ERASE -> FactKind.ERASURE_STARTED;
    };
  }

  private static String underWay(NodeState state) {
    return state.bootsFromDisk()
        ? "is on its way to enrolling from its finished disk ("
            + state.stage()
            + "); wait for that, or interrupt it with --force"
        : "is being installed ("
            + state.stage()
            + "); wait for that, or break it off with --force: then it has to be installed anew";
  }

  /**
   * Back from rescue: to its disk, or, if that is not finished, to the beginning of its run.
   *
   * @param hasBmc whether the appliance can switch it at all
   */
  static Plan endRescue(NodeState state, boolean byHand, boolean hasBmc) {
    if (!state.isInRescue()) {
      return new Leave(Begun.Answer.READY, "is not in rescue");
    }
    if (state.hold().isPresent()) {
      return held(state.hold().get());
    }
    if (state.power().isUnderWay()) {
      return new Leave(Begun.Answer.UNDER_WAY, "is being switched on; wait for that");
    }
    return state.rescue().filter(Rescue::hasDisk).isPresent()
        ? new Open(Optional.of(FactKind.RESCUE_ENDED), byHand || !hasBmc)
        : new Settle(
            FactKind.RESCUE_ENDED,
            "no longer in rescue, and left as it is; it is not installed: 'bootserver deploy' does"
                + " that"
                + (hasBmc ? "" : ", and so does its next boot from the network"));
  }
}
