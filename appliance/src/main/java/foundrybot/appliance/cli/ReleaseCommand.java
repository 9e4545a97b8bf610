// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Takes a node out of the cluster. */
@Command(
    name = "release",
    mixinStandardHelpOptions = true,
    description = {
      "Takes a node out of the cluster: its tokens and its certificates are good no more, the other"
          + " nodes are told to forget it as a peer of the mesh, and its BMC switches it off. Its"
          + " disks stay as they are; 'bootserver erase' before this empties them.",
      "Asks for the node's name first, unless --yes. Whatever the machine asks from then on, it is"
          + " sent to its disk. A 'deploy' without names leaves it out; 'bootserver deploy NODE'"
          + " takes it back and installs it. Who is to be gone for good is then taken out of the"
          + " rack file.",
      "Kubernetes and etcd are told nothing: drain the node, and remove its member, before."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:released, and off, or yours to switch off",
      "1:refused, not confirmed, there is no such node, or it is released and its BMC did not obey",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class ReleaseCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(names = "--yes", description = "Does not ask.")
  private boolean yes;

  @Option(names = "--keep-on", description = "Leaves its power alone.")
  private boolean keepOn;

  @Option(
      names = "--force",
      description = "Also while it is being installed, or booted to be looked at or erased.")
  private boolean force;

  @Override
  public Integer call() {
    NodeNames.check(node);
    try (ApiClient client = new ApiClient(data.path())) {
      if (!yes) {
        NodeNames.confirm(
            node,
            "is to leave the cluster",
            "Take " + node + " out of the cluster" + (keepOn ? "?" : " and switch it off?"));
      }
      JsonNode answer =
          JsonMapper.builder()
              .build()
              .readTree(
                  client.command(
                      "nodes/"
                          + node
                          + "/release?confirm="
                          + node
                          + "&keep-on="
                          + AsideOptions.yesOrNo(keepOn)
                          + "&force="
                          + AsideOptions.yesOrNo(force),
                      ""));
      System.out.println(node + ": " + answer.get("said").asString());
      System.out.println(BmcOfNode.shown(answer.get("power").asString()));
      return answer.get("off").asBoolean() ? 0 : Main.FAILED;
    }
  }
}
