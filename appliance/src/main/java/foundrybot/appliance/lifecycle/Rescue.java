// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;

/**
 * Where a node's run waits while the machine is in the deploy environment for another purpose. A finished disk is not touched, so its
 * run goes on behind the rescue as if there had been none; one that was not finished was broken off
 * with its installer, and is at its beginning again, with no token that opens anything.
 *
 * @param stage at which the run is taken up: planned, or one with a finished disk
 * @param since when it came there
 * @param access how the rescue system was reached when it last reported; empty before that
 */
public record Rescue(
    Purpose purpose,
    Stage stage,
    int attempt,
    Instant since,
    RunTokens tokens,
    PowerRun power,
    String access) {
  /** What a machine says of itself comes with its name. */
  private static final String SAID = "detail=";

  static Rescue from(NodeState state, Purpose purpose, Fact fact) {
    return state.bootsFromDisk()
        ? new Rescue(
            purpose,
            state.stage(),
            state.attempt(),
            state.since(),
            state.tokens(),
            state.power(),
            "")
        : new Rescue(purpose, Stage.PLANNED, 0, fact.at(), RunTokens.NONE, PowerRun.NONE, "");
  }

  /** The same run waits, and the machine is booted for something else. */
  Rescue turned(Purpose other) {
    return new Rescue(other, stage, attempt, since, tokens, power, "");
  }

  /** The same, and the machine has said how it is reached. */
  Rescue reported(Fact fact) {
    String said = fact.detail().startsWith(SAID) ? fact.detail().substring(SAID.length()) : "";
    return new Rescue(purpose, stage, attempt, since, tokens, power, said);
  }

  /** Whether the machine has a finished disk to go back to. */
  public boolean hasDisk() {
    return !stage.isBefore(Stage.INSTALLED);
  }
}
