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
      "End",
      "What it is booted for ends: it is restarted, and its run goes on where it was.",
      true,
      "rescue-end",
      Map.of()),
  INSPECT(
      "Inspect",
      "It is restarted into a small system that says what the machine is made of; nothing is"
          + " written to a disk, and its run goes on where it was.",
      true,
      "inspect",
      Map.of()),
  ERASE(
      "Erase",
      "It is restarted into a small system that overwrites its disks and reads them back. All data"
          + " on them is lost, for good.",
      true,
      "erase",
      Map.of()),
  RELEASE(
      "Release",
      "It is taken out of the cluster: its tokens and its certificates are good no more, the other"
          + " nodes forget it, and its BMC switches it off. Its disks stay as they are. Kubernetes"
          + " and etcd are told nothing: drain the node, and remove its member, before.",
      true,
      "release",
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

  /** The same for that node. */
  String title(NodeView node) {
    if (this != RESCUE_END) {
      return title;
    }
    return switch (node.purpose()) {
      case "inspect" -> "End inspection";
      case "erase" -> "End erasure";
      default -> "End rescue";
    };
  }

  /** Whether the node's name has to be typed: it cannot be taken back. */
  public boolean isNamed() {
    return this == ERASE || this == RELEASE;
  }

  /** Whether it can be asked of several nodes at once. */
  public boolean isForMany() {
    return switch (this) {
      case DEPLOY, REINSTALL, HOLD, RESUME -> true;
      case POWER_ON, POWER_OFF, POWER_CYCLE, POWER_RESET -> true;
      case ARM, RESCUE, RESCUE_END, INSPECT, ERASE, RELEASE, ASK_BMC -> false;
    };
  }

  /** Whether what is under way with the node has to be broken off by a word of its own. */
  boolean isForced(NodeView node) {
    return switch (this) {
      case INSPECT, RESCUE, ERASE -> node.isUnderWay();
      case RELEASE -> node.isUnderWay() || node.isAside();
      default -> false;
    };
  }

  /** Parameters of the API that are {@code yes} or not there, which its question has boxes for. */
  public List<String> flags() {
    return switch (this) {
      case INSPECT, RESCUE -> List.of("force");
      case ERASE -> List.of("quick", "force");
      case RELEASE -> List.of("keep-on", "force");
      default -> List.of();
    };
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
    return isOfPower() || this == RELEASE;
  }

  /** Whether there is any sense in it for a node that stands there. */
  boolean fits(NodeView node) {
    return switch (this) {
      case RESCUE_END -> !node.purpose().isEmpty();
      case RESCUE, INSPECT, ERASE -> !node.isAside();
      case RELEASE -> !node.stage().equals("released");
      case RESUME -> node.condition().equals("held");
      case HOLD -> !node.condition().equals("held");
      case ARM -> node.bmc().isEmpty();
      case DEPLOY -> !node.arrived() && !node.isAside();
      case REINSTALL -> true;
      case POWER_ON, POWER_OFF, POWER_CYCLE, POWER_RESET, ASK_BMC -> !node.bmc().isEmpty();
    };
  }
}
