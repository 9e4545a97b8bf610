// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets nodes in that people switch on. */
@Command(
    name = "arm",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a node in for a while: who asks by its MAC in that time is installed as it. Machines"
          + " without a BMC are given nothing unless they are deployed or armed, or the rack file"
          + " says 'accept: auto'.",
      "A machine that has come in that time goes on until it is installed, or silent for an hour.",
      "One of any kind that was silent for too long is heard again, also with a finished disk."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:they are armed",
      "1:a node needs no arming, or there is no such node; those before it are armed",
      "4:the appliance cannot be asked",
      "64:wrong use of the command line"
    })
final class ArmCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Mixin private SomeNodes nodes = new SomeNodes();

  @Option(
      names = "--for",
      paramLabel = "TIME",
      defaultValue = "15m",
      description = "How long, 1m to 12h (default: ${DEFAULT-VALUE}).")
  private String time = "15m";

  @Override
  public Integer call() {
    Duration span =
        Spans.of(time)
            .orElseThrow(
                () -> new UserException(Main.USAGE, "--for: " + time + " (expected: 1m to 12h)"));
    long seconds = span.toSeconds();
    nodes.each(data.path(), node -> "nodes/" + node + "/arm?for=" + seconds, "");
    return 0;
  }
}
