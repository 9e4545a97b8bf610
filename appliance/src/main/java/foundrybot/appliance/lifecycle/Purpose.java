// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Locale;

/** What the deploy environment is booted for, beside an installation. */
public enum Purpose {
  /** An engineer looks at the machine. */
  RESCUE(Stage.RESCUE),
  /** The machine says what it is made of, and its run goes on. */
  INSPECT(Stage.INSPECTING);

  private final Stage stage;

  Purpose(Stage stage) {
    this.stage = stage;
  }

  /** Where the machine is once its environment runs. */
  Stage stage() {
    return stage;
  }

  /** The command, the mode of the environment and the name of its answer file: {@code inspect}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Purpose of(FactKind kind) {
    return kind == FactKind.INSPECTION_STARTED ? INSPECT : RESCUE;
  }
}
