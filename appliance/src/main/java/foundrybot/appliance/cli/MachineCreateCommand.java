// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Machines;
import foundrybot.redfish.Hypervisor.Creation;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.Outcome;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the virtual machines of nodes. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the virtual machines of nodes that have 'machine:' in the rack file; without names,"
          + " of all.",
      "A machine that is there already is left alone: as wanted it is good, and otherwise each"
          + " difference is named. What is made stays off."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all are made, or were there as wanted",
      "1:a hypervisor refused, or a machine differs; the other ones were made all the same",
      "64:wrong use of the command line"
    })
final class MachineCreateCommand implements Callable<Integer> {
  @Mixin private MachineNodes of = new MachineNodes();

  @Option(
      names = "--dry-run",
      description = "Prints what the rack file wants, and asks no hypervisor.")
  private boolean dry;

  @Override
  public Integer call() {
    List<Node> nodes = of.nodes();
    // All of them before the first one is made: what is wrong in the rack file is no half a rack.
    nodes.forEach(Machines::spec);
    if (dry) {
      nodes.forEach(MachineCreateCommand::print);
      return 0;
    }
    return of.each("machine create", nodes, MachineCreateCommand::create) == 0 ? 0 : Main.FAILED;
  }

  private static void print(Node node) {
    MachineSpec spec = Machines.spec(node).orElseThrow();
    System.out.println(
        node.name()
            + ": would be made on "
            + node.bmc().orElseThrow().url()
            + " as "
            + spec.name()
            + ": "
            + Machines.text(spec));
  }

  private static Outcome<String> create(MachineNodes.Task task) {
    MachineSpec spec = Machines.spec(task.node()).orElseThrow();
    Outcome<Creation> outcome = task.host().create(spec);
    return outcome.then(
        done ->
            new Outcome.Done<>(
                done.value().fresh()
                    ? "made on " + task.host().describe() + ": " + Machines.text(spec)
                    : "is there, as wanted",
                done.evidence(),
                done.warnings()));
  }
}
