// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes the certificates of a node bad. */
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Revokes all certificates that a node of the mesh was given: they stand in the list at"
          + " /ca.crl from now on, which whoever is to refuse them must fetch. The node gets no"
          + " other before it is installed again ('bootserver reinstall NODE').",
      "Its place in the mesh stays; 'bootserver release NODE' ends that, too."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:revoked, or it had none that was good",
      "1:there is no such node, or the appliance signs no certificates",
      "4:the appliance cannot be asked"
    })
final class RevokeCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      String count = client.post("nodes/" + node + "/revoke", "").strip();
      System.out.println(
          node
              + ": "
              + (count.equals("0") ? "had no certificate that was good" : count + " revoked"));
      return 0;
    }
  }
}
