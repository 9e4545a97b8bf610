// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.Discovery.Findings;
import foundrybot.redfish.discover.Subnet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds BMCs and proposes lines of the rack file. */
@Command(
    name = "discover",
    mixinStandardHelpOptions = true,
    description = {
      "Finds BMCs in ranges of addresses, by Redfish (SSDP, and asking each address) and by IPMI",
      "(a ping to each). It never logs in."
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

  @Override
  public Integer call() {
    Findings findings = search();
    findings.bmcs().forEach(bmc -> System.out.println(bmc));
    return 0;
  }

  private Findings search() {
    try {
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
      return discovery.search(subnets, (done, all, found) -> {});
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
