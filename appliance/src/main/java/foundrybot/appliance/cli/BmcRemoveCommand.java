// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.cli.MachineOption.Machine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Forgets a machine's BMC. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    description = "Forgets a BMC that was entered by 'bmc add', with its password.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:it is forgotten",
      "1:none was entered for that machine",
      "64:wrong use of the command line"
    })
final class BmcRemoveCommand implements Callable<Integer> {
  @Mixin private MachineOption of = new MachineOption();

  @Override
  public Integer call() {
    Machine machine = of.machine();
    new CommandTrail(of.data().path(), machine.mac(), "bmc remove " + machine.title())
        .around(() -> remove(machine));
    System.out.println(machine.title() + ": removed");
    return 0;
  }

  private String remove(Machine machine) {
    if (!of.store().remove(machine.mac())) {
      throw new UserException(
          Main.FAILED,
          machine.title()
              + ": none was entered (expected: one of 'bmc list'); what the rack file says is"
              + " changed there");
    }
    return "done";
  }
}
