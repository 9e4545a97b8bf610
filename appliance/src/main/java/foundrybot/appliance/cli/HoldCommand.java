// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Keeps everybody's hands off nodes. */
@Command(
    name = "hold",
    mixinStandardHelpOptions = true,
    description = {
      "Has the appliance leave nodes alone: it sends them no power command, and gives them no"
          + " secrets. One that comes to boot from the network is sent to its disk, and what is"
          + " installing at this moment gets no further file.",
      "It stays so, also over a restart of the appliance, until 'bootserver resume'."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:they are held",
      "1:there is no such node, or the reason is too long; those before it are held",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class HoldCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Mixin private SomeNodes nodes = new SomeNodes();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for whoever looks at the status: one line of at most 200 characters.")
  private String reason = "";

  @Override
  public Integer call() {
    nodes.each(data.path(), node -> "nodes/" + node + "/hold", reason);
    return 0;
  }
}
