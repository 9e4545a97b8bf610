// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Begins a new run for a node. */
@Command(
    name = "reinstall",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a node be installed anew at its next network boot; its disk will be overwritten.",
      "Restart the machine yourself: nothing is switched off here."
    })
final class ReinstallCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      client.post("nodes/" + node + "/reinstall");
    }
    System.out.println(node + ": will be installed anew at its next network boot");
    return 0;
  }
}
