// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.cli.AsideOptions.Report;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Has a machine say what it is made of. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Boots a node from the network into a small system that says what the machine is made of:"
          + " processors, memory, disks with their serial numbers, network cards, UUID. Nothing is"
          + " written to its disks. Follows until that is there, and prints it, with what is not as"
          + " the rack file says.",
      "A machine that is on is forced off first. Behind the inspection one with a BMC switches"
          + " itself off, and one without waits for people; its run goes on where it was."
          + " 'bootserver rescue --end' breaks an inspection off.",
      "The system is the deploy environment of 'bootserver image build'; without one it is refused."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the inventory is printed, or the machine is yours to restart",
      "1:refused by the appliance or by its BMC, it did not report, was never inspected, or there"
          + " is no such node",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class InspectCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();
  @Mixin private AsideOptions aside = new AsideOptions();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--show", description = "Prints what the last inspection found; begins none.")
  private boolean show;

  @Option(names = "--json", description = "With --show: the same as data.")
  private boolean json;

  @Option(
      names = "--force",
      description = "Also while it is being installed; it has to be installed anew then.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    NodeNames.check(node);
    if (json && !show) {
      throw new UserException(Main.USAGE, "--json: alone (expected: with --show)");
    }
    if (show && (force || aside.isGiven())) {
      throw new UserException(
          Main.USAGE, "--show: begins nothing (expected: alone or with --json)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      return show ? shown(client) : begun(client);
    }
  }

  private int begun(ApiClient client) throws InterruptedException {
    Report report = new Report(node, "inspect", reported(), "inspection");
    return aside
        .report(client, report, "nodes/" + node + "/inspect", force)
        .orElseGet(() -> shown(client));
  }

  private String reported() {
    return "nodes/" + node + "/inventory";
  }

  private int shown(ApiClient client) {
    JsonNode inventory = client.get(reported());
    System.out.print(
        json ? JSON.writeValueAsString(inventory) + "\n" : InventoryText.of(inventory));
    return 0;
  }
}
