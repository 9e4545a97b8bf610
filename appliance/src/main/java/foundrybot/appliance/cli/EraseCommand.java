// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.cli.AsideOptions.Report;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Empties a machine's disks, and proves it. */
@Command(
    name = "erase",
    mixinStandardHelpOptions = true,
    description = {
      "Boots a node from the network into a small system that overwrites its disks and reads them"
          + " back: all that are fixed and can be written, or those of --disk. The node counts as"
          + " erased only if every byte that was read back is zero. All data on them is lost.",
      "Asks for the node's name first, unless --yes. A machine that is on is forced off. It has an"
          + " hour to come, and gets the order once: one that is interrupted is not erased, and"
          + " says so in the status. Behind it one with a BMC switches itself off.",
      "The system is the deploy environment of 'bootserver image build'; without one it is refused."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:its disks are proved to be zero, or the machine is yours to restart",
      "1:refused, not confirmed, not proved, or there is no such node",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class EraseCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();
  @Mixin private AsideOptions aside = new AsideOptions();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--yes", description = "Does not ask.")
  private boolean yes;

  @Option(
      names = "--disk",
      paramLabel = "NAME",
      description = "Only this disk, such as sda; may be given several times.")
  private List<String> disks = new ArrayList<>();

  @Option(
      names = "--quick",
      description = "Reads back the first and the last MiB and 256 more at random, not the whole.")
  private boolean quick;

  @Option(names = "--show", description = "Prints what came of the last one; begins none.")
  private boolean show;

  @Option(names = "--json", description = "With --show: the same as data.")
  private boolean json;

  @Option(
      names = "--force",
      description = "Also while it is being installed, or on its way to enrolling.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    NodeNames.check(node);
    if (json && !show) {
      throw new UserException(Main.USAGE, "--json: alone (expected: with --show)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      if (show) {
        return shown(client);
      }
      if (!yes) {
        String which = disks.isEmpty() ? "all disks" : String.join(", ", disks);
        NodeNames.confirm(
            node, "is to lose its data", "Erase " + which + " of " + node + " for good?");
      }
      return begun(client);
    }
  }

  private int begun(ApiClient client) throws InterruptedException {
    String what =
        "nodes/"
            + node
            + "/erase?confirm="
            + node
            + "&quick="
            + AsideOptions.yesOrNo(quick)
            + (disks.isEmpty()
                ? ""
                : "&disks="
                    + URLEncoder.encode(names(), StandardCharsets.UTF_8).replace("+", "%20"));
    Report report = new Report(node, "erase", reported(), "erasure");
    return aside.report(client, report, what, force).orElseGet(() -> shown(client));
  }

  private String reported() {
    return "nodes/" + node + "/erasure";
  }

  /** Without the folder, which people write. */
  private String names() {
    return String.join(",", disks.stream().map(disk -> disk.replaceFirst("^/dev/", "")).toList());
  }

  private int shown(ApiClient client) {
    JsonNode erased = client.get(reported());
    System.out.print(json ? JSON.writeValueAsString(erased) + "\n" : ErasureText.of(erased));
    return erased.get("fault").asString().isEmpty() ? 0 : Main.FAILED;
  }
}
