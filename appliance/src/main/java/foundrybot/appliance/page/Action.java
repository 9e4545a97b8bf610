// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be done to a node from its page; each is asked for twice. */
public enum Action {
  DEPLOY(
      "Deploy",
      "It is switched on through its BMC and installed, unless it is ready or on its way already."
          + " Its disk is overwritten.",
      true),
  REINSTALL(
      "Reinstall",
      "A new run begins wherever it stands: it is switched off and on, and its disk is"
          + " overwritten.",
      true),
  HOLD("Hold", "It gets nothing more and is left as it is, until it is resumed.", false),
  RESUME("Resume", "It goes on where it was held.", false),
  ARM(
      "Arm",
      "The next machine that boots with its MAC is let in for an hour. Do this only if that is the"
          + " machine that you expect.",
      false),
  RESCUE(
      "Rescue",
      "It is restarted into a small system with a shell; its disks are read-only there and nothing"
          + " is installed.",
      true),
  RESCUE_END("End rescue", "It is restarted, and its run goes on where it was.", true);

  private final String title;
  private final String effect;
  private final boolean restarts;

  Action(String title, String effect, boolean restarts) {
    this.title = title;
    this.effect = effect;
    this.restarts = restarts;
  }

  /** The one of that key. */
  public static Optional<Action> of(String key) {
    return Arrays.stream(values()).filter(action -> action.key().equals(key)).findFirst();
  }

  /** As it stands in a path, also in that of the API. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String title() {
    return title;
  }

  String effect() {
    return effect;
  }

  /** Whether what runs on the machine now ends. */
  public boolean restarts() {
    return restarts;
  }

  /** Whether there is any sense in it for a node that stands there. */
  boolean fits(NodeView node) {
    return switch (this) {
      case RESCUE_END -> node.rescue();
      case RESCUE -> !node.rescue();
      case RESUME -> node.condition().equals("held");
      case HOLD -> !node.condition().equals("held");
      case ARM -> node.bmc().isEmpty();
      case DEPLOY -> !node.arrived() && !node.rescue();
      case REINSTALL -> true;
    };
  }
}
