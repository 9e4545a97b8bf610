// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets nodes go on that are held. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {
      "Lets nodes go on that an operator holds, or the appliance itself because their attempts are"
          + " used up: they get new ones. Where the appliance was switching one on it takes that up"
          + " again.",
      "With --all instead of names: all that the appliance itself holds, and the power cycles of"
          + " stuck nodes, which it stops when too many fail at the same stage. What operators hold"
          + " stays held."
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
      arity = "0..*",
      paramLabel = "NODE",
      description = "The nodes' names in the rack file.")
  private List<String> nodes = List.of();

  @Option(names = "--all", description = "All that the appliance itself has stopped.")
  private boolean all;

  @Override
  public Integer call() {
    nodes.forEach(NodeNames::check);
    if (all != nodes.isEmpty()) {
      throw new UserException(
          Main.USAGE,
          nodes.isEmpty()
              ? "resume: of nobody (expected: names of nodes, or --all)"
              : "--all: together with names (expected: one of the two)");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      if (all) {
        System.out.print(client.command("resume", ""));
      }
      for (String node : nodes) {
        System.out.print(client.command("nodes/" + node + "/resume", ""));
      }
      return 0;
    }
  }
}
