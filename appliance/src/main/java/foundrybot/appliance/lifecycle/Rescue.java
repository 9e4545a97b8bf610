// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * Where a node's run waits while the machine is in the deploy environment for another purpose. A
 * finished disk is not touched by that, unless it is an erasure that has begun: its run goes on
 * behind it as if there had been nothing. One that was not finished was broken off with its
 * installer, and is at its beginning again, with no token that opens anything.
 *
 * @param stage at which the run is taken up: planned, or one with a finished disk
 * @param since when it came there
 * @param order what is to be erased, if that is the purpose
 * @param access how the rescue system was reached when it last reported; empty before that
 */
public record Rescue(
    Purpose purpose,
    Stage stage,
    int attempt,
    Instant since,
    RunTokens tokens,
    PowerRun power,
    Optional<EraseOrder> order,
    String access) {
  /** What a machine says of itself comes with its name. */
  private static final String SAID = "detail=";

  static Rescue from(NodeState state, Purpose purpose, Fact fact) {
    Optional<EraseOrder> order = order(purpose, fact);
    boolean stays =
        state.bootsFromDisk()
            || state.isReleased()
            || (state.stage() == Stage.ERASED && purpose == Purpose.INSPECT);
    return stays
        ? new Rescue(
            purpose,
            state.stage(),
            state.attempt(),
            state.since(),
            state.tokens(),
            state.power(),
            order,
            "")
        : atBeginning(purpose, order, fact);
  }

  private static Optional<EraseOrder> order(Purpose purpose, Fact fact) {
    return purpose == Purpose.ERASE ? Optional.of(EraseOrder.of(fact)) : Optional.empty();
  }

  private static Rescue atBeginning(Purpose purpose, Optional<EraseOrder> order, Fact fact) {
    return new Rescue(
        purpose, Stage.PLANNED, 0, fact.at(), RunTokens.NONE, PowerRun.NONE, order, "");
  }

  /** The same run waits, and the machine is booted for something else. */
  Rescue turned(Purpose other, Fact fact) {
    Optional<EraseOrder> next = order(other, fact);
    return stage == Stage.ERASED && other != Purpose.INSPECT
        ? atBeginning(other, next, fact)
        : new Rescue(other, stage, attempt, since, tokens, power, next, "");
  }

  /** Its disks are being overwritten: there is nothing to go back to. */
  Rescue erasing(Fact fact) {
    return atBeginning(purpose, order, fact);
  }

  /** The same, and the machine has said how it is reached. */
  Rescue reported(Fact fact) {
    String said = fact.detail().startsWith(SAID) ? fact.detail().substring(SAID.length()) : "";
    return new Rescue(purpose, stage, attempt, since, tokens, power, order, said);
  }

  /** Whether the machine has a finished disk to go back to. */
  public boolean hasDisk() {
    return stage.isOfRun() && !stage.isBefore(Stage.INSTALLED);
  }
}
