// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.SecureOn;
import foundrybot.redfish.WakeOnLan;
import java.net.Inet4Address;
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
  private static final int PACKETS = 3;

  @Mixin private RackOption rack = new RackOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Override
  public Integer call() {
    RackSource source = rack.source();
    RackFile file = source.require();
    Node target =
        file.node(node)
            .orElseThrow(
                () ->
                    new UserException(
                        Main.FAILED,
                        "node: " + node + " (expected: one of " + source.path() + ")"));
    WakeOnLan.Way way =
        new WakeOnLan.Way(
            file.appliance().address(),
            Inet4Address.ofLiteral("255.255.255.255"),
            WakeOnLan.PORT,
            PACKETS,
            Duration.ofMillis(200));
    WakeOnLan card =
        new WakeOnLan(
            new HardwareAddress(target.mac().toString()), SecureOn.NONE, way, Thread::sleep);
    Outcome<PowerState> outcome = card.power(PowerAction.ON, Duration.ZERO);
    if (outcome.result().isEmpty()) {
      throw new UserException(Main.FAILED, node + ": " + outcome.evidence());
    }
    System.out.println(node + ": " + outcome.evidence());
    return 0;
  }
}
