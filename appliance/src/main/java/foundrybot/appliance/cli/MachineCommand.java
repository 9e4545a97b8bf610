// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Virtual machines for a rack's nodes. */
@Command(
    name = "machine",
    mixinStandardHelpOptions = true,
    description = {
      "Makes, lists and deletes the virtual machines of nodes that have 'machine:' in the rack"
          + " file.",
      "They are made on the hypervisor that 'bmc:' names, and are off until 'bootserver deploy'."
    },
    subcommands = {
      MachineCreateCommand.class,
      MachineListCommand.class,
      MachineDeleteCommand.class
    })
final class MachineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return Main.USAGE;
  }
}
