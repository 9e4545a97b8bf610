// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.power.BmcStore;
import foundrybot.appliance.power.PowerException;
import foundrybot.appliance.power.StoredBmc;
import foundrybot.redfish.Credentials;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the BMCs that were entered. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Lists the BMCs that were entered by 'bmc add'; passwords and requests are not shown.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all can be read, or there is none",
      "1:one cannot be read; its line says why",
      "64:wrong use of the command line"
    })
final class BmcListCommand implements Callable<Integer> {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    BmcStore store = new BmcStore(data.keys());
    Optional<RackFile> file = rack.ifValid();
    ArrayNode rows = JsonMapper.builder().build().createArrayNode();
    boolean broken = false;
    for (Mac machine : store.machines()) {
      Optional<Node> node = file.flatMap(known -> known.node(machine));
      ObjectNode row = rows.addObject().put("mac", machine.toString());
      row.put("node", node.map(Node::name).orElse(""));
      broken |= !fill(row, store, machine);
      row.put("in-force", node.filter(n -> n.bmc().isPresent()).isEmpty());
    }
    if (json) {
      System.out.println(rows.toPrettyString());
    } else {
      table(rows, data.path());
    }
    return broken ? Main.FAILED : 0;
  }

  /** One that cannot be read does not hide the others. */
  private static boolean fill(ObjectNode row, BmcStore store, Mac machine) {
    try {
      // Empty where somebody removes it in this moment.
      store.find(machine).ifPresent(bmc -> fill(row, bmc));
      return true;
    } catch (PowerException e) {
      row.put("trouble", e.getMessage());
      return false;
    }
  }

  private static void fill(ObjectNode row, StoredBmc bmc) {
    row.put("url", bmc.url().toString())
        .put("user", bmc.credentials().map(Credentials::user).orElse(""))
        .put("trust", bmc.trustText())
        .put("requests", bmc.hooks().map(BmcListCommand::names).orElse(""))
        .put("system", bmc.system().orElse(""));
  }

  /** What a switch can be asked; what it is asked is not shown. */
  private static String names(HookSettings hooks) {
    Stream<String> actions =
        hooks.actions().keySet().stream().sorted().map(HookSettings.Action::key);
    return Stream.concat(actions, hooks.status().stream().map(_ -> "status"))
        .collect(Collectors.joining(", "));
  }

  private static void table(ArrayNode rows, Path folder) {
    if (rows.isEmpty()) {
      System.out.println("none entered in " + folder + "; 'bootserver bmc add' does");
      return;
    }
    String form = "%-17s  %-12s  %-28s  %-12s  %s%n";
    System.out.printf(form, "MAC", "NODE", "URL", "USER", "TRUST");
    rows.forEach(
        row ->
            System.out.printf(
                form,
                row.path("mac").asString(""),
                row.path("node").asString(""),
                row.path("url").asString("cannot be read"),
                row.path("user").asString(""),
                row.path("trust").asString(row.path("trouble").asString(""))
                    + (row.path("in-force").asBoolean(true)
                        ? ""
                        : "  (not in force: the rack file has a bmc: of its own)")));
  }
}
