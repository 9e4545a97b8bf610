// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Prints a node's flight recorder. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = "Prints all that was seen of a node: packets, decisions, requests, reports.")
final class EventsCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      for (JsonNode event : client.get("nodes/" + node + "/events")) {
        System.out.printf(
            "%-30s %-26s %s%n",
            event.get("at").asString(),
            event.get("kind").asString(),
            event.get("detail").asString());
      }
    }
    return 0;
  }
}
