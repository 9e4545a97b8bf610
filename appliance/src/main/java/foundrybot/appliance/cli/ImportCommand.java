// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.ListImport;
import foundrybot.answerfiles.ListReading;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a rack file of a plain list. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Turns lines of 'MAC role [name]' into a rack file: import LIST > rack.yaml")
final class ImportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "LIST", description = "The list, as in /etc/ethers.")
  private Path list = Path.of("");

  @Override
  public Integer call() {
    String text = new RackSource(list).text("name a list of lines 'MAC role [name]'");
    return switch (ListImport.toYaml(text, String.valueOf(list))) {
      case ListReading.Converted valid -> {
        System.out.print(valid.yaml());
        yield 0;
      }
      case ListReading.Invalid invalid -> {
        System.err.println(RackSource.lines(invalid.faults()));
        yield 1;
      }
    };
  }
}
