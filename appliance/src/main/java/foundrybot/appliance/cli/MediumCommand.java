// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes a boot medium that somebody inserts by hand. */
@Command(
    name = "medium",
    mixinStandardHelpOptions = true,
    description = {
      "Makes an ISO image from which a node boots without PXE, and prints its URL.",
      "It is for the virtual drive of a BMC's web page. The token of the node's run is on it, so"
          + " the URL is a secret; it",
      "ends when the node has started from it, or after 30 minutes."
    })
final class MediumCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      System.out.println(client.post("nodes/" + node + "/medium", ""));
    }
    return 0;
  }
}
