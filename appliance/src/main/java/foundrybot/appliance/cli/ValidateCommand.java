// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackReading;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks a rack file without an appliance. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description =
        "Reports every fault of a rack file and of the profiles beside it, with line, column, value"
            + " and expectation; every node's files are rendered for that.")
final class ValidateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = "rack.yaml",
      description = "The rack file (default: ${DEFAULT-VALUE}).")
  private Path file = Path.of("rack.yaml");

  @Override
  public Integer call() {
    return switch (new RackSource(file).rehearse()) {
      case RackReading.Valid valid -> {
        System.out.println(
            file
                + ": valid, cluster "
                + valid.rack().cluster()
                + ", "
                + valid.rack().nodes().size()
                + " nodes");
        yield 0;
      }
      case RackReading.Invalid invalid -> {
        System.out.println(RackSource.lines(invalid.faults()));
        System.out.println(file + ": " + RackSource.count(invalid.faults()));
        yield 1;
      }
    };
  }
}
