// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.power.BmcSurvey;
import foundrybot.appliance.power.Surveyed;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.Discovery.Findings;
import foundrybot.redfish.discover.Subnet;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds BMCs and proposes lines of the rack file. */
@Command(
    name = "discover",
    mixinStandardHelpOptions = true,
    description = {
      "Finds BMCs in ranges of addresses, and prints lines for the rack file.",
      "It asks by Redfish (SSDP, and each address) and by IPMI (a ping to each).",
      "With --user it logs in, once to each: the password goes to whoever answers as a BMC there,",
      "whose certificate nobody has compared yet. Without, it logs in to none."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the ranges were searched, and who was logged in to told what it is",
      "1:interrupted, or a BMC let nobody in or told nothing: its line on the error output says"
          + " why",
      "64:wrong use of the command line"
    })
final class BmcDiscoverCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "CIDR",
      description = "Where to look: 10.0.0.0/24, or one address.")
  private List<String> ranges = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "200",
      description = "Addresses begun each second, 1..2000 (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--redfish-port",
      paramLabel = "PORT",
      defaultValue = "443",
      description = "The TCP port that is asked for Redfish (default: ${DEFAULT-VALUE}).")
  private int redfishPort;

  @Option(
      names = "--ipmi-port",
      paramLabel = "PORT",
      defaultValue = "623",
      description = "The UDP port that is asked for IPMI (default: ${DEFAULT-VALUE}).")
  private int ipmiPort;

  @Mixin private PasswordOption password = new PasswordOption();

  @Option(
      names = "--max-refused",
      paramLabel = "N",
      defaultValue = "3",
      description = {
        "After so many refusals of the password it is offered to nobody else, so that no shared"
            + " account is locked; and no more log-ins than that are under way at once, 1..20"
            + " (default: ${DEFAULT-VALUE})."
      })
  private int mostRefused;

  @Option(names = "--json", description = "JSON instead of lines for the rack file.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Writes to a new file instead of the standard output.")
  private Optional<Path> out = Optional.empty();

  @Override
  public Integer call() {
    out.ifPresent(BmcDiscoverCommand::requireNew);
    Optional<Credentials> who = credentials();
    try (CtrlC _ = new CtrlC()) {
      Findings findings = search();
      List<Surveyed> all = survey(findings, who);
      // What is left to do is to write, which an interrupt would break.
      boolean interrupted = Thread.interrupted() || !findings.complete();
      write(
          json
              ? DiscoveryJson.of(findings, all) + "\n"
              : RackProposal.of(all, who.map(this::defaults)));
      summary(findings, interrupted);
      all.stream().filter(one -> !one.trouble().isEmpty()).forEach(BmcDiscoverCommand::trouble);
      boolean mute = all.stream().anyMatch(one -> !one.trouble().isEmpty());
      return interrupted || mute ? Main.FAILED : 0;
    }
  }

  private Optional<Credentials> credentials() {
    within("--max-refused", mostRefused, BmcSurvey.MOST_REFUSED);
    within("--rate", rate, Discovery.Settings.MOST_PER_SECOND);
    within("--redfish-port", redfishPort, 65535);
    within("--ipmi-port", ipmiPort, 65535);
    return password.credentials();
  }

  private static void within(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw new UserException(Main.USAGE, option + ": " + value + " (expected: 1.." + most + ")");
    }
  }

  private List<Surveyed> survey(Findings findings, Optional<Credentials> who) {
    if (who.isEmpty() || !findings.complete()) {
      return findings.bmcs().stream().map(Surveyed::unasked).toList();
    }
    try (CountLine line = new CountLine()) {
      return new BmcSurvey(who.get(), mostRefused)
          .ask(
              findings.bmcs(),
              (done, all, _) -> line.show(String.format("%d of %d BMCs asked", done, all)));
    }
  }

  /** What all of them share, for the rack file. */
  private String defaults(Credentials who) {
    String line =
        "bmc-defaults: { user: "
            + PasswordOption.quoted(who.user())
            + ", "
            + password.reference()
            + " }";
    return password.isTyped()
        ? "# Write the password into bmc.pw beside the rack file, and chmod 600 it.\n" + line
        : line;
  }

  private static void trouble(Surveyed one) {
    System.err.println(
        "bootserver: "
            + one.bmc().address().getHostAddress()
            + ": "
            + BmcOfNode.shown(one.trouble()));
  }

  private static void summary(Findings findings, boolean interrupted) {
    for (Inet4Address address : findings.elsewhere()) {
      System.err.println(
          "bootserver: note: "
              + address.getHostAddress()
              + " says that it has Redfish, too; it is in none of the ranges, and was not asked");
    }
    int found = findings.bmcs().size();
    System.err.printf("bootserver: %d BMC%s found%n", found, found == 1 ? "" : "s");
    if (findings.bmcs().stream().anyMatch(bmc -> !bmc.redfish().isEmpty())) {
      RackProposal.warning().forEach(line -> System.err.println("bootserver: " + line));
    }
    if (interrupted) {
      System.err.println("bootserver: interrupted; not all addresses were asked");
    }
  }

  /** Before minutes of search, not behind them. */
  private static void requireNew(Path file) {
    if (Files.exists(file)) {
      exists(file);
    }
    Optional<Path> parent = Optional.ofNullable(file.toAbsolutePath().getParent());
    if (parent.filter(Files::isDirectory).isEmpty()) {
      throw UserException.unwritten("--out", file, new NoSuchFileException(file.toString()));
    }
  }

  private static void exists(Path file) {
    throw new UserException(
        Main.USAGE, "--out: " + file + ": exists (expected: a new file); move it away first");
  }

  private void write(String text) {
    if (out.isEmpty()) {
      System.out.print(text);
      System.out.flush();
      return;
    }
    try {
      Files.writeString(out.get(), text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      exists(out.get());
    } catch (IOException e) {
      throw UserException.unwritten("--out", out.get(), e);
    }
  }

  private Findings search() {
    try (CountLine line = new CountLine()) {
      List<Subnet> subnets = ranges.stream().map(Subnet::parse).toList();
      Discovery.Settings usual = Discovery.Settings.USUAL;
      Discovery discovery =
          new Discovery(
              new Discovery.Settings(
                  redfishPort,
                  ipmiPort,
                  usual.group(),
                  rate,
                  usual.atOnce(),
                  usual.connect(),
                  usual.answer()),
              Thread::sleep);
      return discovery.search(
          subnets,
          (done, all, found) ->
              line.show(
                  String.format(
                      "%d of %d addresses, %d BMCs; Ctrl-C to stop here", done, all, found)));
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
