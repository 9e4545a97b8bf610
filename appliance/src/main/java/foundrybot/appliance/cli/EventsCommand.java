// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.Optional;
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
      "Without a name, or with --all: the newest 5000 lines of all machines, with the MAC of each."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:printed",
      "1:there is no such node",
      "4:the appliance cannot be asked",
      "130:ended by Ctrl-C"
    })
final class EventsCommand implements Callable<Integer> {
  private static final int MOST = 5_000;

  /** More do not happen between two looks, but for a flood. */
  private static final int AT_ONCE = 1_000;

  private static final long LOOK_MILLIS = 1_000;

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

  @Option(names = "--all", description = "All machines, as without a name.")
  private boolean all;

  @Option(names = "--follow", description = "Goes on with what happens, until Ctrl-C.")
  private boolean follow;

  @Override
  public Integer call() throws InterruptedException {
    if (all && !node.isEmpty()) {
      throw new UserException(
          Main.USAGE, "--all: together with the node " + node + " (expected: one of the two)");
    }
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
    try (ApiClient client = new ApiClient(data.path())) {
      JsonNode events = client.get(path(MOST));
      events.forEach(this::show);
      Optional<JsonNode> last = last(events);
      while (follow) {
        System.out.flush();
        Thread.sleep(LOOK_MILLIS);
        JsonNode newest = client.get(path(AT_ONCE));
        showAfter(last, newest);
        Optional<JsonNode> next = last(newest);
        last = next.isPresent() ? next : last;
      }
    }
    return 0;
  }

  private static Optional<JsonNode> last(JsonNode events) {
    return events.isEmpty() ? Optional.empty() : Optional.of(events.get(events.size() - 1));
  }

  /**
   * What follows the last one that was shown; all, where so much came that it is not among them.
   */
  private void showAfter(Optional<JsonNode> last, JsonNode events) {
    int from = 0;
    for (int i = 0; i < events.size(); i++) {
      if (last.isPresent() && last.get().equals(events.get(i))) {
        from = i + 1;
      }
    }
    if (from == 0 && last.isPresent() && events.size() == AT_ONCE) {
      System.err.println("bootserver: more came at once than is shown; see without --follow");
    }
    for (int i = from; i < events.size(); i++) {
      show(events.get(i));
    }
  }

  private void show(JsonNode event) {
    String mac = event.get("mac").asString();
    if (node.isEmpty()) {
      System.out.printf("%-18s", mac.isEmpty() ? "-" : mac);
    }
    System.out.printf(
        "%-30s %-26s %s%n",
        event.get("at").asString(), event.get("kind").asString(), event.get("detail").asString());
  }

  private String path(int most) {
    return node.isEmpty()
        ? "events?limit=" + most + (strangers ? "&of=strangers" : "")
        : "nodes/" + node + "/events?limit=" + most;
  }
}
