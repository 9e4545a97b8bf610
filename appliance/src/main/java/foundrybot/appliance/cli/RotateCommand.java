// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has nodes make their keys of the mesh anew. */
@Command(
    name = "rotate",
    mixinStandardHelpOptions = true,
    description = {
      "Asks nodes of the mesh for new WireGuard keys: each makes them when it next asks for news,"
          + " which is once a minute, and its peers learn them when they ask. In between, for a"
          + " minute or so, they do not reach each other.",
      "Preshared keys are renewed with them. 'bootserver events NODE' shows when it has happened."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:they are asked",
      "1:the node has sent no keys yet, or there is no such node",
      "4:the appliance cannot be asked"
    })
final class RotateCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  static final class Which {
    @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
    private String node = "";

    @Option(names = "--all", description = "Every node that has keys.")
    private boolean all;
  }

  @Override
  public Integer call() {
    if (!which.all) {
      NodeNames.check(which.node);
    }
    try (ApiClient client = new ApiClient(data.path())) {
      String path = which.all ? "rotate" : "nodes/" + which.node + "/rotate";
      List<String> without = client.post(path, "").lines().toList();
      if (!which.all && !without.isEmpty()) {
        throw new UserException(
            Main.FAILED,
            which.node
                + ": has sent no keys yet (expected: a node of the mesh that was installed); it"
                + " makes fresh ones at its first boot anyway");
      }
      without.forEach(name -> System.err.println(name + ": has sent no keys yet, left alone"));
      System.out.println(which.all ? "asked" : which.node + ": asked");
      return 0;
    }
  }
}
