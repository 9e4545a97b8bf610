// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Says which machine is where. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Shows every node's stage and condition, and what to do about a stuck one.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the cluster is complete",
      "2:in progress",
      "3:blocked by a stuck node, or by one whose checks do not pass",
      "4:the appliance cannot be asked, or failed"
    })
final class StatusCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Option(names = "--watch", description = "Draws anew each second until the cluster is complete.")
  private boolean watch;

  @Override
  public Integer call() throws InterruptedException {
    try (ApiClient client = new ApiClient(data.path())) {
      while (true) {
        JsonNode answer = client.get("status");
        FleetStatus status = JSON.treeToValue(answer, FleetStatus.class);
        if (watch && !json) {
          System.out.print("\u001b[H\u001b[2J");
        }
        System.out.print(json ? pretty(answer) : StatusTable.of(status, Instant.now(), width()));
        System.out.flush();
        if (!watch || status.complete()) {
          return status.exitStatus();
        }
        Thread.sleep(1000);
      }
    }
  }

  private static String pretty(JsonNode answer) {
    return JSON.writeValueAsString(answer) + "\n";
  }

  static int width() {
    try {
      return Math.max(40, Integer.parseInt(System.getenv().getOrDefault("COLUMNS", "160")));
    } catch (NumberFormatException e) {
      return 160;
    }
  }
}
