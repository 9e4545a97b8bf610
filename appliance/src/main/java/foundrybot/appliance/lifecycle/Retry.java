// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.RetryLimits;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What the appliance does by itself about a node, as a function of its state and the clock. */
public sealed interface Retry {
  /** Nothing: it moves, has arrived, or is somebody else's. */
  record Nothing() implements Retry {}

  /**
   * Nothing yet.
   *
   * @param until when it is power-cycled if it does not move
   * @param number of that power cycle in its run, or at its stage if that has attempts of its own,
   *     from 1
   */
  record Later(Instant until, int number) implements Retry {}

  /**
   * It is switched off and on.
   *
   * @param number as of {@link Later}
   */
  record Cycle(int number, Stage stage, String why) implements Retry {}

  /** It is left to people, for that reason. */
  record Hold(String why) implements Retry {}

  /**
   * Decides.
   *
   * @param hasBmc whether the appliance can switch it; it may have to look at the disk for that, so
   *     it is asked of few
   * @param limits that node's
   * @param servers what is known of the DHCP servers beside the appliance
   */
  static Retry of(
      String node,
      NodeState state,
      BooleanSupplier hasBmc,
      RetryLimits limits,
      Deadlines deadlines,
      SiteServers servers,
      Instant now) {
    boolean silent = state.deadline(deadlines).filter(at -> !at.isAfter(now)).isPresent();
    int attempts = limits.at(state.stage().toString());
    if (attempts == 0 || !silent || !mayCycle(state) || !hasBmc.getAsBoolean()) {
      return new Nothing();
    }
    Instant due = due(state, deadlines).orElse(now);
    int cycles = state.handling().cyclesAgainst(state.stage(), limits);
    if (cycles >= attempts) {
      return due.isAfter(now)
          ? new Nothing()
          : new Hold(
              "attempts used up at "
                  + state.stage()
                  + ": "
                  + why(node, state, deadlines, servers, now));
    }
    Instant earliest =
        state
            .handling()
            .lastCycle()
            // A kill may lie between the decision and the command itself.
            // What lies between two is of the machine, wherever it was stuck.
            .map(
                last ->
                    later(last, state.power().at()).plus(limits.after(state.handling().cycles())))
            .map(at -> later(at, due))
            .orElse(due);
    return earliest.isAfter(now)
        ? new Later(earliest, cycles + 1)
        : new Cycle(cycles + 1, state.stage(), why(node, state, deadlines, servers, now));
  }

  private static String why(
      String node, NodeState state, Deadlines deadlines, SiteServers servers, Instant now) {
    return Diagnosis.of(node, state, now, deadlines, servers)
        .map(Diagnosis::why)
        .orElse("no progress");
  }

  /**
   * When a power cycle is due. Before its machine has come with the run's token, anybody may have
   * asked in its name, and its firmware may still be at its own tests: so it has the whole time of
   * those.
   */
  static Optional<Instant> due(NodeState state, Deadlines deadlines) {
    Optional<Instant> silent = state.deadline(deadlines);
    return state.tokens().hasUsed()
        ? silent
        : silent.map(
            at ->
                deadlines
                    .limit(Stage.POWERED_ON)
                    .map(state.power().at()::plus)
                    .map(tested -> later(at, tested))
                    .orElse(at));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** Whether who is stuck there is power-cycled at all; at {@code installed} if it comes back. */
  static boolean mayCycleAt(Stage stage) {
    return stage.isOfRun() && stage.limit().isPresent() && stage != Stage.FIRST_BOOT;
  }

  /** Whether it is one that the appliance switched on, and may switch again. */
  static boolean mayCycle(NodeState state) {
    boolean finished = state.bootsFromDisk() && !state.isBackAtNetwork();
    return isOurs(state) && !finished && state.power().step() == PowerRun.Step.TOLD;
  }

  /** Whether the appliance has switched it on, or is at that, and nothing keeps its hands off. */
  static boolean isOurs(NodeState state) {
    boolean elsewhere =
        state.hold().isPresent()
            || state.isInRescue()
            || state.mismatch().isPresent()
            || state.quarantine().isPresent()
            || state.refusal().isPresent()
            || state.power().hold() != PowerRun.Hold.NO;
    boolean switched = state.power().isUnderWay() || state.power().step() == PowerRun.Step.TOLD;
    return !elsewhere && switched;
  }
}
