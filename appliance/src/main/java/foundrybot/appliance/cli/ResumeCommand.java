// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lets nodes go on that are held. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {
      "Lets nodes go on that an operator holds, or the appliance itself. Where the appliance was"
          + " switching one on it takes that up again.",
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:they go on, or were not held",
      "1:there is no such node; those before it go on",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class ResumeCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(
      arity = "1..*",
      paramLabel = "NODE",
      description = "The nodes' names in the rack file.")
  private List<String> nodes = List.of();

  @Override
  public Integer call() {
    nodes.forEach(NodeNames::check);
    try (ApiClient client = new ApiClient(data.path())) {
      for (String node : nodes) {
        System.out.print(client.post("nodes/" + node + "/resume", ""));
      }
      return 0;
    }
  }
}
