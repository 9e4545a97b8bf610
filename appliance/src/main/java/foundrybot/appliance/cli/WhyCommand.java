// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.FleetStatus.PhaseStatus;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      "Below it stand the phase of the cluster that it is in or waits for, if that is not done,"
          + " with who blocks it, and what is wrong with the appliance itself, as its own disk that"
          + " is full.",
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

  @Option(names = "--json", description = "The same as data.")
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
          json ? JSON.writeValueAsString(Told.of(found, status)) + "\n" : text(found, status));
      return found.diagnosis().code().isEmpty() ? 0 : STUCK;
    }
  }

  private static String text(NodeStatus found, FleetStatus status) {
    int width = TerminalWidth.now().columns();
    return DiagnosisText.of(found, width)
        + DiagnosisText.ofPhases(phases(found, status), status, width)
        + DiagnosisText.ofAppliance(status.appliance(), width);
  }

  /** The phase of the node's role, unless it is done, and before it the one that this waits for. */
  static List<PhaseStatus> phases(NodeStatus node, FleetStatus status) {
    List<PhaseStatus> open =
        status.phases().stream().filter(phase -> !phase.state().equals("done")).toList();
    return open.stream()
        .filter(phase -> phase.roles().contains(node.role()))
        .findFirst()
        .map(own -> Stream.of(open.getFirst(), own).distinct().toList())
        .orElse(List.of());
  }

  /**
   * What {@code why NODE --json} prints.
   *
   * @param since ISO-8601 instant at which it came to its stage
   * @param heard the last thing heard of it, at {@code heardAt}
   * @param code of the diagnosis, with all of that behind it; empty where nothing is wrong
   * @param next what the appliance is about to do by itself; else empty
   * @param phases those that are not done: the node's own, before it the one that this waits for
   * @param appliance what is wrong with the appliance itself; its code is empty where nothing is
   */
  record Told(
      String node,
      String stage,
      String since,
      String condition,
      String heard,
      String heardAt,
      String code,
      String why,
      List<String> evidence,
      List<String> causes,
      List<String> tries,
      String next,
      List<PhaseStatus> phases,
      Diagnosis appliance) {
    Told {
      evidence = List.copyOf(evidence);
      causes = List.copyOf(causes);
      tries = List.copyOf(tries);
      phases = List.copyOf(phases);
    }

    static Told of(NodeStatus node, FleetStatus status) {
      Diagnosis found = node.diagnosis();
      return new Told(
          node.name(),
          node.stage(),
          node.since(),
          node.condition(),
          node.evidence(),
          node.evidenceAt(),
          found.code(),
          found.why(),
          found.evidence(),
          found.causes(),
          found.tries(),
          node.next(),
          WhyCommand.phases(node, status),
          status.appliance());
    }
  }
}
