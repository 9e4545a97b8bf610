// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Machines;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows which virtual machines there are. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the virtual machines of nodes as their hypervisors list them, and which nodes have"
          + " none yet; without names, of all.",
      "OWNER is 'made' for those of 'machine create', else 'foreign'."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all hypervisors told",
      "1:one did not; the line on the error output says why",
      "64:wrong use of the command line"
    })
final class MachineListCommand implements Callable<Integer> {
  private static final String FORMAT = "%-20s %-20s %-8s %5s %8s  %-7s %s%n";

  @Mixin private MachineNodes of = new MachineNodes();

  @Option(
      names = "--others",
      description = "Also the machines of these hypervisors that are no node's.")
  private boolean others;

  @Override
  public Integer call() {
    List<Node> nodes = of.nodes();
    System.out.printf(FORMAT, "NODE", "MACHINE", "POWER", "CORES", "MIB", "OWNER", "CARDS");
    int failed = 0;
    for (List<Node> together : MachineNodes.byHost(nodes)) {
      try (Hypervisor host = of.open(together.getFirst())) {
        Outcome<List<VirtualMachine>> outcome = host.machines();
        if (outcome.result().isEmpty()) {
          System.out.flush();
          System.err.println(BmcOfNode.shown(outcome.evidence()));
          failed++;
          continue;
        }
        print(together, outcome.result().get());
      }
    }
    return failed == 0 ? 0 : Main.FAILED;
  }

  private void print(List<Node> nodes, List<VirtualMachine> machines) {
    List<VirtualMachine> rest = new ArrayList<>(machines);
    for (Node node : nodes) {
      HardwareAddress card = Machines.card(node);
      List<VirtualMachine> own = rest.stream().filter(m -> m.macs().contains(card)).toList();
      if (own.isEmpty()) {
        System.out.printf(FORMAT, node.name(), "-", "missing", "", "", "", card);
      }
      own.forEach(machine -> row(node.name(), machine));
      rest.removeAll(own);
    }
    if (others) {
      rest.forEach(machine -> row("-", machine));
    }
  }

  private static void row(String node, VirtualMachine machine) {
    System.out.printf(
        FORMAT,
        node,
        BmcOfNode.shown(machine.name()),
        machine.power().name().toLowerCase(Locale.ROOT),
        machine.cores() == 0 ? "" : machine.cores(),
        machine.memoryMiB() == 0 ? "" : machine.memoryMiB(),
        machine.ours() ? "made" : "foreign",
        String.join(" ", machine.macs().stream().map(HardwareAddress::text).toList()));
  }
}
