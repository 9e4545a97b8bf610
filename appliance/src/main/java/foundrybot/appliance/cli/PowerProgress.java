// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.PowerRun.Step;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.power.Begun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Tells how machines are switched on, a line for each step, until each is on or refused. */
final class PowerProgress {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String RETRY = "power.retry ";

  private final ApiClient client;
  private final List<Begun> begun;
  private final Map<String, String> told = new HashMap<>();

  /**
   * Reads what the appliance has begun.
   *
   * @param answer JSON of a list of {@link Begun}
   */
  PowerProgress(ApiClient client, String answer) {
    this.client = client;
    this.begun = JSON.readValue(answer, new TypeReference<List<Begun>>() {});
    begun.forEach(node -> say(node.name(), node.said()));
  }

  private void say(String name, String line) {
    if (!line.equals(told.put(name, line))) {
      System.out.println(name + ": " + line);
    }
  }

  /**
   * Follows them.
   *
   * @return the exit status: 0, or 1 if one was refused or is not known to be on
   */
  int follow() throws InterruptedException {
    List<String> on = new ArrayList<>();
    Map<String, String> refused = new LinkedHashMap<>();
    Map<String, String> unknown = new LinkedHashMap<>();
    begun.stream()
        .filter(node -> node.answer() == Begun.Answer.REFUSED)
        .forEach(node -> refused.put(node.name(), node.said()));
    List<String> waiting =
        new ArrayList<>(
            begun.stream()
                .filter(node -> node.answer() == Begun.Answer.BEGUN)
                .map(Begun::name)
                .toList());
    while (!waiting.isEmpty()) {
      Map<String, NodeStatus> now = new HashMap<>();
      status().nodes().forEach(node -> now.put(node.name(), node));
      waiting.removeIf(
          name -> {
            NodeStatus node = now.get(name);
            return node == null || ended(node, on, refused, unknown);
          });
      if (!waiting.isEmpty()) {
        Thread.sleep(LOOK);
      }
    }
    summary(on.size(), refused, unknown);
    return refused.isEmpty() && unknown.isEmpty() ? 0 : Main.FAILED;
  }

  /**
   * Follows the nodes that were begun with until each is in rescue.
   *
   * @return the exit status: 0, or 1 if one will not come there by itself
   */
  int followToRescue() throws InterruptedException {
    for (Begun node : begun) {
      boolean comes = node.answer() == Begun.Answer.BEGUN;
      while (comes) {
        Optional<NodeStatus> now =
            status().nodes().stream().filter(n -> n.name().equals(node.name())).findFirst();
        if (now.isEmpty() || !now.get().rescue()) {
          say(node.name(), "no longer in rescue");
          return Main.FAILED;
        }
        String condition = now.get().condition();
        // A BMC that does not obey yet is tried on.
        boolean tried = now.get().stage().equals(Stage.POWERING.toString());
        if ((condition.equals(Condition.STUCK.toString()) && !tried)
            || condition.equals(Condition.HELD.toString())) {
          System.err.println(node.name() + ": " + condition + ": " + now.get().why());
          return Main.FAILED;
        }
        comes = !now.get().stage().equals(Stage.RESCUE.toString());
        say(
            node.name(),
            comes ? now.get().stage() : "in rescue: " + BmcOfNode.shown(now.get().access()));
        Thread.sleep(LOOK);
      }
    }
    return 0;
  }

  /** Whether the appliance itself switches what was begun with. */
  boolean isBegun() {
    return begun.stream().anyMatch(node -> node.answer() == Begun.Answer.BEGUN);
  }

  /**
   * Follows the nodes that were begun with until each is no longer booted for that purpose.
   *
   * @param purpose of the status
   * @return the exit status: 0, or 1 if one will not come to its end by itself
   */
  int followAside(String purpose) throws InterruptedException {
    for (Begun node : begun) {
      boolean comes = node.answer() == Begun.Answer.BEGUN;
      while (comes) {
        Optional<NodeStatus> now =
            status().nodes().stream().filter(n -> n.name().equals(node.name())).findFirst();
        if (now.isEmpty() || !now.get().purpose().equals(purpose)) {
          break;
        }
        String condition = now.get().condition();
        if (condition.equals(Condition.STUCK.toString())
            || condition.equals(Condition.HELD.toString())) {
          System.err.println(node.name() + ": " + condition + ": " + now.get().why());
          return Main.FAILED;
        }
        say(node.name(), moving(now.get()));
        Thread.sleep(LOOK);
      }
    }
    return 0;
  }

  private static String moving(NodeStatus node) {
    return node.progress().total() > 0
        ? node.stage()
            + ": "
            + Paint.bar(node.progress().done(), node.progress().total())
            + " of "
            + BmcOfNode.shown(node.progress().what())
        : node.stage();
  }

  private FleetStatus status() {
    return JSON.treeToValue(client.get("status"), FleetStatus.class);
  }

  private boolean ended(
      NodeStatus node, List<String> on, Map<String, String> refused, Map<String, String> unknown) {
    String said = BmcOfNode.shown(node.powerSaid());
    if (node.condition().equals(Condition.HELD.toString())) {
      say(node.name(), "HELD");
      refused.put(node.name(), BmcOfNode.shown(node.why()));
      return true;
    }
    if (node.power().equals(Step.REFUSED.toString())) {
      say(node.name(), "REFUSED");
      refused.put(node.name(), said);
      return true;
    }
    if (node.power().equals(Step.WANTED.toString()) || node.power().equals(Step.ASKED.toString())) {
      boolean again = node.evidence().startsWith(RETRY);
      String line = again ? node.evidence().substring(RETRY.length()) : said;
      say(node.name(), "powering: " + BmcOfNode.shown(line));
      return false;
    }
    if (node.power().equals(Step.UNKNOWN.toString())) {
      say(node.name(), "NOT KNOWN");
      unknown.put(node.name(), said);
      return true;
    }
    say(node.name(), "powered on");
    on.add(node.name());
    return true;
  }

  private void summary(int on, Map<String, String> refused, Map<String, String> unknown) {
    long byHand = begun.stream().filter(n -> n.answer() == Begun.Answer.BY_HAND).count();
    System.out.println(
        on
            + " powered on"
            + (byHand == 0 ? "" : ", " + byHand + " to be switched on by hand")
            + (refused.isEmpty() ? "" : ", " + refused.size() + " refused")
            + (unknown.isEmpty() ? "" : ", " + unknown.size() + " not known")
            + (refused.isEmpty() && unknown.isEmpty() ? "" : ":"));
    System.out.flush();
    refused.forEach((name, why) -> System.err.println("  " + name + ": " + why));
    unknown.forEach((name, why) -> System.err.println("  " + name + ": " + why));
  }
}
