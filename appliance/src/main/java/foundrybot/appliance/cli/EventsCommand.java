// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Prints a node's flight recorder. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = {
      "Prints all that was seen of a node: packets, decisions, requests, reports.",
      "Without a name: the newest 5000 lines of all machines, with the MAC of each."
    })
final class EventsCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(
      paramLabel = "NODE",
      arity = "0..1",
      description = "The node's name in the rack file; without one, all machines.")
  private String node = "";

  @Option(
      names = "--strangers",
      description = "Only machines, and senders without a MAC, that are not in the rack file.")
  private boolean strangers;

  @Override
  public Integer call() {
    if (strangers && !node.isEmpty()) {
      throw new UserException(
          Main.USAGE,
          "--strangers: together with the node "
              + node
              + " (expected: one of the two); a node of the rack file is no stranger");
    }
    if (!node.isEmpty()) {
      NodeNames.check(node);
    }
    boolean one = !node.isEmpty();
    try (ApiClient client = new ApiClient(data.path())) {
      for (JsonNode event : client.get(path())) {
        String mac = event.get("mac").asString();
        if (!one) {
          System.out.printf("%-18s", mac.isEmpty() ? "-" : mac);
        }
        System.out.printf(
            "%-30s %-26s %s%n",
            event.get("at").asString(),
            event.get("kind").asString(),
            event.get("detail").asString());
      }
    }
    return 0;
  }

  private String path() {
    return node.isEmpty()
        ? strangers ? "events?of=strangers" : "events"
        : "nodes/" + node + "/events";
  }
}
