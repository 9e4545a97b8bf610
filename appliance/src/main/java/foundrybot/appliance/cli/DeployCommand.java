// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has the appliance switch machines on, so that they are installed. */
@Command(
    name = "deploy",
    mixinStandardHelpOptions = true,
    description = {
      "Has the running appliance switch nodes on through their BMCs, to boot from the network and"
          + " be installed; without names, all that are neither ready nor on their way.",
      "A machine that is on is forced off first. A node without a BMC is named, to be switched on"
          + " by hand.",
      "Follows until each is on or refused. Ending this command ends nothing: the appliance goes"
          + " on."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:all are on, or were on their way",
      "1:a BMC refused; the reasons are listed last",
      "4:the appliance cannot be asked"
    })
final class DeployCommand implements Callable<Integer> {
  @Mixin private DataOption data = new DataOption();

  @Parameters(arity = "0..*", paramLabel = "NODE", description = "Names in the rack file.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--role", paramLabel = "ROLE", description = "Only nodes of that role.")
  private Optional<String> role = Optional.empty();

  @Option(
      names = "--by-hand",
      description = "Only opens their runs; you switch them on, although they have a BMC.")
  private boolean byHand;

  @Option(names = "--no-wait", description = "Does not follow; see 'bootserver status'.")
  private boolean noWait;

  @Override
  public Integer call() throws InterruptedException {
    names.forEach(NodeNames::check);
    try (ApiClient client = new ApiClient(data.path())) {
      String query =
          "?by-hand="
              + (byHand ? "yes" : "no")
              + role.map(r -> "&role=" + URLEncoder.encode(r, StandardCharsets.UTF_8)).orElse("");
      PowerProgress progress =
          new PowerProgress(client, client.command("deploy" + query, String.join("\n", names)));
      return noWait ? 0 : progress.follow();
    }
  }
}
