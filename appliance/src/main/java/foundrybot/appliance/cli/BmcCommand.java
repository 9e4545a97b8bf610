// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** All about BMCs; with nothing but a node's name it shows what that one's BMC knows. */
@Command(
    name = "bmc",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what a node's BMC tells of itself and of its machine, or does what COMMAND says.",
      "What it showed goes to a running appliance, which compares it with what the machine says"
          + " when it boots.",
      "A node that is called like a command: 'bootserver bmc show NODE'."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the BMC told",
      "1:it did not, or there is no such node or BMC",
      "4:the appliance cannot be asked (--accept-identity)",
      "64:wrong use of the command line"
    },
    subcommands = {
      BmcShowCommand.class,
      BmcDiscoverCommand.class,
      BmcAddCommand.class,
      BmcListCommand.class,
      BmcRemoveCommand.class
    })
final class BmcCommand implements Callable<Integer> {
  @Mixin private BmcView view = new BmcView();

  // Not required, since picocli would then ask for it beside a command, too.
  @Parameters(
      arity = "0..1",
      paramLabel = "NODE",
      description = "The node's name in the rack file.")
  private String name = "";

  @Override
  public Integer call() {
    if (name.isEmpty()) {
      throw new UserException(
          Main.USAGE,
          "NODE: missing (expected: a node of the rack file); see 'bootserver bmc --help'");
    }
    return view.show(name);
  }
}
