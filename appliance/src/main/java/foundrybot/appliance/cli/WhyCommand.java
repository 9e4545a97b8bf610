// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Diagnosis;
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
      "What is wrong with the appliance itself, as its own disk that is full, is said below it.",
      "'status NODE' has the same, between the node's way and the last lines of its log.",
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
              .orElseThrow(() -> NodeNames.unknown(node, ""));
      System.out.print(
          json
              ? JSON.writeValueAsString(found.diagnosis()) + "\n"
              : text(found, status.appliance()));
      return found.diagnosis().code().isEmpty() ? 0 : STUCK;
    }
  }

  private static String text(NodeStatus found, Diagnosis ofAppliance) {
    int width = TerminalWidth.now().columns();
    return DiagnosisText.of(found, width) + DiagnosisText.ofAppliance(ofAppliance, width);
  }
}
