// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets an engineer look at a machine without touching its disks. */
@Command(
    name = "rescue",
    mixinStandardHelpOptions = true,
    description = {
      "Boots a node from the network into a small system for looking at the machine: a root shell"
          + " on its consoles (screen and serial), SSH as root for the keys of admin.ssh-keys, no"
          + " password. All disks are read-only there, and nothing is installed.",
      "A machine that is on is forced off first. Follows until the node is in rescue, and prints"
          + " how to reach it, with the fingerprint of its SSH host key.",
      "It stays in rescue, also when it restarts, until --end: then a node with a finished disk"
          + " boots from that again. 'bootserver reinstall', and for a node without a finished disk"
          + " 'bootserver deploy', end it, too.",
      "The system is the deploy environment of 'bootserver image build'; without one it is refused."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:it is in rescue, or back, or yours to restart",
      "1:refused by the appliance or by its BMC, it did not arrive, or there is no such node",
      "4:the appliance cannot be asked"
    })
final class RescueCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();
  @Mixin private AsideOptions aside = new AsideOptions();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--end", description = "Takes the node back to its disk.")
  private boolean end;

  @Option(
      names = "--force",
      description = "Also while it is being installed; it has to be installed anew then.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    NodeNames.check(node);
    if (end && force) {
      throw new UserException(
          Main.USAGE, "--force: together with --end (expected: one of the two)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      String path = "nodes/" + node + (end ? "/rescue-end" : "/rescue");
      PowerProgress progress = aside.begin(client, path, force);
      if (!aside.waits()) {
        return 0;
      }
      int status = progress.follow();
      return status != 0 || end ? status : progress.followToRescue();
    }
  }
}
