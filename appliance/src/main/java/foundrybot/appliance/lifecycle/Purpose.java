// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.Locale;

/** What the deploy environment is booted for, beside an installation. */
public enum Purpose {
  /** An engineer looks at the machine. */
  RESCUE(Stage.RESCUE),
  /** The machine says what it is made of, and its run goes on. */
  INSPECT(Stage.INSPECTING),
  /** The machine's disks are overwritten, and that is proved. */
  ERASE(Stage.ERASING);

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
    return switch (kind) {
      case INSPECTION_STARTED -> INSPECT;
      case ERASURE_STARTED, ERASURE_BEGUN -> ERASE;
      default -> RESCUE;
    };
  }
}
