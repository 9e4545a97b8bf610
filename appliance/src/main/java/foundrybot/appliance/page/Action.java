// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The one table of what can be done to a node from its page; each is asked for twice. Another one
 * is a line here, and a change of the API with the same last word.
 */
public enum Action {
  DEPLOY(
      "Deploy",
      "It is switched on through its BMC and installed, unless it is ready or on its way already."
          + " Its disk is overwritten.",
      true,
      "deploy",
      Map.of()),
  REINSTALL(
      "Reinstall",
      "A new run begins wherever it stands: it is switched off and on, and its disk is"
          + " overwritten.",
      true,
      "reinstall",
      Map.of()),
  HOLD(
      "Hold",
      "It gets nothing more and is left as it is, until it is resumed.",
      false,
      "hold",
      Map.of()),
  RESUME("Resume", "It goes on where it was held.", false, "resume", Map.of()),
  ARM(
      "Arm",
      "The next machine that boots with its MAC is let in for an hour. Do this only if that is the"
          + " machine that you expect.",
      false,
      "arm",
      // An hour, as the words have it.
      Map.of("for", "3600")),
  RESCUE(
      "Rescue",
      "It is restarted into a small system with a shell; its disks are read-only there and nothing"
          + " is installed.",
      true,
      "rescue",
      Map.of()),
  RESCUE_END(
      "End rescue",
      "It is restarted, and its run goes on where it was.",
      true,
      "rescue-end",
      Map.of()),
  POWER_ON(
      "Power on",
      "Its BMC switches it on, and nothing else is changed: it boots what it would boot anyway.",
      false,
      "power",
      Map.of("do", "on")),
  POWER_OFF(
      "Power off",
      "Its BMC takes the power away at once; no operating system is asked.",
      true,
      "power",
      Map.of("do", "off")),
  POWER_CYCLE(
      "Power cycle",
      "Its BMC takes the power away at once and gives it back a few seconds later.",
      true,
      "power",
      Map.of("do", "cycle")),
  POWER_RESET(
      "Reset",
      "Its BMC resets it as the button on the front does; no operating system is asked.",
      true,
      "power",
      Map.of("do", "reset")),
  ASK_BMC(
      "Ask the BMC now",
      "Its BMC is asked who it is, for the power state, how far the machine's start is, and for the"
          + " newest lines of its event log. Nothing is changed.",
      false,
      "ask-bmc",
      Map.of());

  private final String title;
  private final String effect;
  private final boolean restarts;
  private final String word;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Map<String, String> query;

  Action(String title, String effect, boolean restarts, String word, Map<String, String> query) {
    this.title = title;
    this.effect = effect;
    this.restarts = restarts;
    this.word = word;
    this.query = Map.copyOf(query);
  }

  /** The one of that key. */
  public static Optional<Action> of(String key) {
    return Arrays.stream(values()).filter(action -> action.key().equals(key)).findFirst();
  }

  /** As it stands in a path of the page. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The last word of the API's path, by which scopes and the audit log know it. */
  public String word() {
    return word;
  }

  /** What follows {@code /api/} for that node. */
  public List<String> path(String node) {
    return this == DEPLOY ? List.of("v1", "deploy") : List.of("v1", "nodes", node, word);
  }

  /** The query of the API's request. */
  public Map<String, List<String>> query() {
    return query.isEmpty()
        ? Map.of()
        : query.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> List.of(e.getValue())));
  }

  /** The body of the API's request. */
  public String body(String node) {
    return this == DEPLOY ? node : "";
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

  /** Whether it is about the BMC alone, and stands with what is known of that. */
  boolean isOfPower() {
    return word.equals("power") || this == ASK_BMC;
  }

  /** Whether it is answered only when a BMC has answered, which may take minutes. */
  boolean takesLong() {
    return isOfPower();
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
      case POWER_ON, POWER_OFF, POWER_CYCLE, POWER_RESET, ASK_BMC -> !node.bmc().isEmpty();
    };
  }
}
