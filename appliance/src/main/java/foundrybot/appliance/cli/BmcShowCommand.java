// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what a node's BMC knows of its machine, whatever the node is called. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows what a node's BMC tells of itself and of its machine.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the BMC told",
      "1:it did not, or there is no such node or BMC",
      "4:the appliance cannot be asked (--accept-identity)",
      "64:wrong use of the command line"
    })
final class BmcShowCommand implements Callable<Integer> {
  @Mixin private BmcView view = new BmcView();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String name = "";

  @Override
  public Integer call() {
    return view.show(name);
  }
}
