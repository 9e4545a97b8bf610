// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Says all that is known of why a node is stuck. */
@Command(
    name = "why",
    mixinStandardHelpOptions = true,
    description = {
      "Says why a node is stuck or waits: evidence, likely causes, what to try.",
      "All diagnoses: bootserver docs diagnosis."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:nothing is wrong with it",
      "1:there is no such node",
      "3:it is stuck or waits for the operator",
      "4:the appliance cannot be asked, or failed"
    })
final class WhyCommand implements Callable<Integer> {
  private static final int STUCK = 3;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--json", description = "Prints the diagnosis as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      FleetStatus status = JSON.treeToValue(client.get("status"), FleetStatus.class);
      NodeStatus found =
          status.nodes().stream()
              .filter(each -> each.name().equals(node))
              .findFirst()
              .orElseThrow(
                  () ->
                      new UserException(
                          Main.FAILED,
                          "node: "
                              + node
                              + " (expected: a name of the rack file; 'bootserver status' lists"
                              + " them)"));
      System.out.print(json ? JSON.writeValueAsString(found.diagnosis()) + "\n" : text(found));
      return found.diagnosis().code().isEmpty() ? 0 : STUCK;
    }
  }

  /** The whole diagnosis on paper. */
  static String text(NodeStatus node) {
    Diagnosis diagnosis = node.diagnosis();
    StringBuilder text = new StringBuilder(node.name());
    text.append(" is at ").append(node.stage()).append(" since ").append(node.since());
    text.append(", ").append(node.condition()).append('\n');
    if (diagnosis.code().isEmpty()) {
      return text.append("nothing is wrong; last heard: ")
          .append(BmcOfNode.shown(node.evidence()))
          .append('\n')
          .toString();
    }
    text.append(diagnosis.code()).append(": ").append(BmcOfNode.shown(diagnosis.why()));
    list(text, "\n\nevidence:", "  ", diagnosis.evidence());
    list(text, "\nlikely, the first most:", "  - ", diagnosis.causes());
    list(text, "\ntry:", "  > ", diagnosis.tries());
    return node.next().isEmpty()
        ? text.toString()
        : text.append("\nthe appliance itself: ").append(node.next()).append('\n').toString();
  }

  private static void list(StringBuilder text, String head, String before, List<String> lines) {
    text.append(head).append('\n');
    lines.forEach(line -> text.append(before).append(BmcOfNode.shown(line)).append('\n'));
  }
}
