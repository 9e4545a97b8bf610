// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Machines;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.Hypervisor.Whose;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.VirtualMachine;
import java.io.Console;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Deletes the virtual machines of nodes. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = {
      "Switches the virtual machines of nodes off and deletes them with their disks, after asking.",
      "Only machines that 'machine create' made go, and of their disks only those that were made"
          + " with them; whatever else is there is named and left alone."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all are gone, or were not there",
      "1:a hypervisor refused, a machine is somebody else's, or you said no",
      "64:wrong use of the command line"
    })
final class MachineDeleteCommand implements Callable<Integer> {
  @Mixin private MachineNodes of = new MachineNodes();

  @Option(names = "--all", description = "All that the rack file has; needed where none is named.")
  private boolean all;

  @Option(names = "--yes", description = "Does not ask.")
  private boolean yes;

  @Option(
      names = "--dry-run",
      description = "Prints which ones would be deleted, and asks no hypervisor.")
  private boolean dry;

  @Override
  public Integer call() {
    if (of.isAll() != all) {
      throw new UserException(
          Main.USAGE,
          all
              ? "--all: given beside names or a role (expected: one of the two)"
              : "NODE: missing (expected: names, --role or --all)");
    }
    List<Node> nodes = of.nodes();
    if (dry) {
      nodes.forEach(node -> System.out.println(line(node)));
      return 0;
    }
    if (!yes) {
      confirm(nodes);
    }
    return of.each("machine delete", nodes, MachineDeleteCommand::delete) == 0 ? 0 : Main.FAILED;
  }

  private static String line(Node node) {
    return node.name()
        + ": would be deleted on "
        + node.bmc().orElseThrow().url()
        + ": "
        + Machines.name(node)
        + " with its disks";
  }

  private static void confirm(List<Node> nodes) {
    String names = String.join(", ", nodes.stream().map(Node::name).toList());
    Console console =
        PasswordOption.terminal()
            .orElseThrow(
                () ->
                    new UserException(
                        Main.USAGE,
                        "--yes: missing (expected: it, where there is no terminal to ask whether "
                            + names
                            + " may be deleted)"));
    String answer =
        console.readLine("Delete the machines and disks of %s for good? (yes/no) ", names);
    if (!"yes".equals(answer)) {
      throw new UserException(Main.FAILED, "nothing was deleted");
    }
  }

  private static Outcome<String> delete(MachineNodes.Task task) {
    Node node = task.node();
    Outcome<VirtualMachine> outcome =
        task.host().delete(Machines.name(node), Machines.card(node), Whose.OURS);
    if (outcome instanceof Outcome.Failed<?>(BmcFault fault)
        && fault.kind() == BmcFault.Kind.NO_SUCH_SYSTEM) {
      return new Outcome.Done<>("was not there", fault.evidence());
    }
    return outcome.then(done -> new Outcome.Done<>("deleted", done.evidence(), done.warnings()));
  }
}
