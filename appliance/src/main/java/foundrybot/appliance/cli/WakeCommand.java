// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Switches a node on by Wake-on-LAN. */
@Command(
    name = "wake",
    mixinStandardHelpOptions = true,
    description = "Sends Wake-on-LAN packets to a node; nothing confirms that it woke up.")
final class WakeCommand implements Callable<Integer> {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    RackSource source = rack.source();
    RackFile file = source.require();
    Node machine = source.node(file, node);
    new CommandTrail(data.path(), machine.mac(), "wake " + node)
        .around(() -> woken(Bmcs.wakeOnLan(machine, file.appliance().address())));
    return 0;
  }

  private String woken(Bmc card) {
    Outcome<PowerState> outcome = card.power(PowerAction.ON, Duration.ZERO);
    if (outcome.result().isEmpty()) {
      throw new UserException(Main.FAILED, node + ": " + outcome.evidence());
    }
    System.out.println(node + ": " + outcome.evidence());
    return "sent";
  }
}
