// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.RetryLimits;
import java.time.Instant;
import java.util.Optional;

/** What the appliance does by itself about a node, as a function of its state and the clock. */
public sealed interface Retry {
  /** Nothing: it moves, has arrived, or is somebody else's. */
  record Nothing() implements Retry {}

  /**
   * Nothing yet.
   *
   * @param until when it is power-cycled if it does not move
   * @param number of that power cycle in its run, from 1
   */
  record Later(Instant until, int number) implements Retry {}

  /**
   * It is switched off and on.
   *
   * @param number of that power cycle in its run, from 1
   */
  record Cycle(int number, Stage stage, String why) implements Retry {}

  /** It is left to people, for that reason. */
  record Hold(String why) implements Retry {}

  /**
   * Decides.
   *
   * @param hasBmc whether the appliance can switch it
   * @param listening since when the appliance runs: nobody could be heard before
   */
  static Retry of(
      String node,
      NodeState state,
      boolean hasBmc,
      RetryLimits limits,
      Deadlines deadlines,
      Instant listening,
      Instant now) {
    Optional<Instant> due = due(state, listening, deadlines).filter(at -> !at.isAfter(now));
    if (limits.attempts() == 0 || !hasBmc || !isOurs(state) || due.isEmpty()) {
      return new Nothing();
    }
    String why =
        Diagnosis.of(node, state, now, deadlines).map(Diagnosis::why).orElse("no progress");
    int cycles = state.handling().cycles();
    if (cycles >= limits.attempts()) {
      return new Hold("attempts used up at " + state.stage() + ": " + why);
    }
    Optional<Instant> earliest =
        state
            .handling()
            .lastCycle()
            // A kill may lie between the decision and the command itself.
            .map(last -> last.isAfter(state.power().at()) ? last : state.power().at())
            .map(last -> last.plus(limits.after(cycles)));
    return earliest.filter(now::isBefore).isPresent()
        ? new Later(earliest.get(), cycles + 1)
        : new Cycle(cycles + 1, state.stage(), why);
  }

  /** When its silence is too long; what passed before the appliance listened does not count. */
  static Optional<Instant> due(NodeState state, Instant listening, Deadlines deadlines) {
    Instant last = state.progressAt();
    return deadlines.limit(state.stage()).map((last.isAfter(listening) ? last : listening)::plus);
  }

  /** Whether it is one that the appliance switched on, and may switch again. */
  private static boolean isOurs(NodeState state) {
    boolean elsewhere =
        state.hold().isPresent()
            || state.isInRescue()
            || state.mismatch().isPresent()
            || state.quarantine().isPresent()
            || state.refusal().isPresent()
            || state.power().hold() != PowerRun.Hold.NO;
    boolean finished = state.bootsFromDisk() && !state.handling().backAtNetwork();
    return !elsewhere && !finished && state.power().step() == PowerRun.Step.TOLD;
  }
}
