// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Begins a new run for a node. */
@Command(
    name = "reinstall",
    mixinStandardHelpOptions = true,
    description = {
      "Installs a node anew, wherever it stands; its disk will be overwritten.",
      "With a BMC it is forced off and switched on to boot from the network. Without one, or with"
          + " --by-hand, restart it yourself: it is installed at its next network boot."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:it is on, or yours to restart",
      "1:its BMC refused, or there is no such node",
      "4:the appliance cannot be asked"
    })
final class ReinstallCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--by-hand", description = "You restart it, although it has a BMC.")
  private boolean byHand;

  @Option(names = "--no-wait", description = "Does not follow; see 'bootserver status'.")
  private boolean noWait;

  @Override
  public Integer call() throws InterruptedException {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      String answer =
          client.command("nodes/" + node + "/reinstall?by-hand=" + (byHand ? "yes" : "no"), "");
      PowerProgress progress = new PowerProgress(client, "[" + answer + "]");
      return noWait ? 0 : progress.follow();
    }
  }
}
