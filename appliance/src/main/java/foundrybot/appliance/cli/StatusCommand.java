// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Says which machine is where. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows every node's stage and condition, by phase and role, and what to do about a stuck"
          + " one.",
      "With a name: that node's way with its times, how far its installer is, its diagnosis, the"
          + " last lines of its log, and what its machine was last found to be made of, or has"
          + " proved to be erased."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the cluster is complete",
      "2:in progress",
      "3:blocked by a stuck node, or by one whose checks do not pass",
      "4:the appliance cannot be asked, or failed",
      "130:ended by Ctrl-C"
    })
final class StatusCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Lines of a screen that are not of nodes, at least: head, summary, two for a trouble. */
  private static final int OTHER_LINES = 8;

  @Mixin private DataOption data = new DataOption();

  @Mixin private ColourOption colour = new ColourOption();

  @Parameters(
      paramLabel = "NODE",
      arity = "0..1",
      description = "The node's name in the rack file; without one, all nodes.")
  private String node = "";

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Option(
      names = "--watch",
      description = "Draws anew each second until the cluster is complete, or Ctrl-C.")
  private boolean watch;

  @Option(names = "--all", description = "A line for each node, also of more than 40.")
  private boolean all;

  @Option(names = "--flat", description = "One table, instead of one for each phase and role.")
  private boolean flat;

  private String askedAt = "";
  private String reported = "";

  @Override
  public Integer call() throws InterruptedException {
    if (!node.isEmpty()) {
      NodeNames.check(node);
    }
    boolean redraws = watch && !json && PasswordOption.terminal().isPresent();
    try (ApiClient client = new ApiClient(data.path());
        Screen screen = Screen.ofProgram(redraws)) {
      while (true) {
        JsonNode answer = client.get("status");
        FleetStatus status = JSON.treeToValue(answer, FleetStatus.class);
        TerminalWidth size = TerminalWidth.now();
        screen.show(
            json ? pretty(answer) : text(status, size, redraws) + hardware(status, client), size);
        if (!watch || status.complete()) {
          return status.exitStatus();
        }
        Thread.sleep(1000);
      }
    }
  }

  private String text(FleetStatus status, TerminalWidth size, boolean redraws) {
    long headings = flat ? 0 : status.nodes().stream().map(NodeStatus::role).distinct().count();
    int other = OTHER_LINES + (int) headings + status.phases().size();
    int room = Math.max(1, Math.min(Look.USUAL_ROWS, size.rows() - other));
    Look look =
        new Look(size.columns(), colour.wanted(), all, flat, redraws ? room : Look.USUAL_ROWS);
    return node.isEmpty()
        ? StatusTable.of(status, Instant.now(), look)
        : NodeView.of(named(status), Instant.now(), look)
            + DiagnosisText.ofAppliance(status.appliance(), look.width());
  }

  /** What the machine has reported of itself; asked for anew only where it may be another. */
  private String hardware(FleetStatus status, ApiClient client) {
    if (node.isEmpty()) {
      return "";
    }
    NodeStatus found = named(status);
    String mark = found.run() + " " + found.stage() + " " + found.purpose();
    if (!mark.equals(askedAt)) {
      askedAt = mark;
      String path = "nodes/" + node + "/";
      reported =
          client.find(path + "inventory").map(it -> "\n" + InventoryText.of(it)).orElse("")
              + client.find(path + "erasure").map(it -> "\n" + ErasureText.of(it)).orElse("");
    }
    return reported;
  }

  private NodeStatus named(FleetStatus status) {
    return status.nodes().stream()
        .filter(one -> one.name().equals(node))
        .findFirst()
        .orElseThrow(() -> NodeNames.unknown(node, ""));
  }

  private String pretty(JsonNode answer) {
    JsonNode shown = answer;
    if (!node.isEmpty()) {
      named(JSON.treeToValue(answer, FleetStatus.class));
      for (JsonNode one : answer.get("nodes")) {
        shown = one.get("name").asString().equals(node) ? one : shown;
      }
    }
    return JSON.writeValueAsString(shown) + "\n";
  }
}
