// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.BootAnswers;
import foundrybot.appliance.snippet.Snippet;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints configuration for the site's own DHCP server. */
@Command(
    name = "snippet",
    mixinStandardHelpOptions = true,
    description = {
      "Prints configuration for the site's own DHCP server.",
      "It is for firmware that takes everything from one answer and does not see the appliance's"
          + " beside it. It says the same as the",
      "appliance would, by rack file and firmware table; print it anew when these have changed."
    })
final class SnippetCommand implements Callable<Integer> {
  @Mixin private RackOption rack = new RackOption();

  @Mixin private BootProgramsOption programs = new BootProgramsOption();

  @Parameters(
      paramLabel = "SERVER",
      description = "dnsmasq, kea, isc, windows, mikrotik, or generic: in words.")
  private String server = "";

  @Option(
      names = "--all-machines",
      description = "For every machine that the server serves, not only those of the rack file.")
  private boolean allMachines;

  @Override
  public Integer call() {
    Snippet.Format format =
        Arrays.stream(Snippet.Format.values())
            .filter(one -> one.toString().equals(server))
            .findFirst()
            .orElseThrow(
                () ->
                    new UserException(
                        Main.USAGE,
                        "server: "
                            + server
                            + " (expected: one of "
                            + Arrays.stream(Snippet.Format.values())
                                .map(Snippet.Format::toString)
                                .collect(Collectors.joining(", "))
                            + ")"));
    RackSource source = rack.source();
    RackFile file = source.require();
    BootAnswers answers =
        BootAnswers.of(file, FirmwareSource.beside(source.path()).require(file), programs.folder());
    try {
      System.out.print(Snippet.of(format, file, answers, allMachines));
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.USAGE, String.valueOf(e.getMessage()));
    }
    return 0;
  }
}
