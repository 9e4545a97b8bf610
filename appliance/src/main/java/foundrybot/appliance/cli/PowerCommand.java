// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Switches one node by its BMC. */
@Command(
    name = "power",
    mixinStandardHelpOptions = true,
    description = {
      "Switches a node on or off through its BMC, and waits until the BMC confirms it.",
      "off takes the power away at once; shutdown asks the operating system."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the BMC has confirmed it, or has no way to (then the line says so)",
      "1:it refused, did not answer, or the machine did not obey in time; or there is no such node",
      "64:wrong use of the command line"
    })
final class PowerCommand implements Callable<Integer> {
  /** What can be asked. */
  enum Wish {
    ON,
    OFF,
    SHUTDOWN,
    CYCLE,
    RESET,
    STATUS
  }

  /** What the next boot can be set to. */
  enum Boot {
    PXE,
    DISK,
    CD
  }

  @Mixin private BmcOfNode of = new BmcOfNode();

  @Parameters(index = "0", paramLabel = "NODE", description = "The node's name in the rack file.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "ACTION",
      description = "on, off, shutdown, cycle, reset or status.")
  private Wish wish = Wish.STATUS;

  @Option(
      names = "--boot",
      paramLabel = "DEVICE",
      description = "Sets the next boot, once, before: pxe, disk or cd.")
  private Optional<Boot> boot = Optional.empty();

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "How long the machine may take (default: ${DEFAULT-VALUE}).")
  private int seconds = 120;

  @Override
  public Integer call() {
    if (seconds < 1 || seconds > 3600) {
      throw new UserException(Main.USAGE, "--wait: " + seconds + " (expected: 1..3600)");
    }
    try (BmcOfNode.Target target = of.open(name)) {
      Bmc bmc = target.bmc();
      boot.ifPresent(device -> setBoot(target, device));
      PowerState state =
          wish == Wish.STATUS
              ? target.require(bmc.power())
              : target.require(
                  bmc.power(PowerAction.valueOf(wish.name()), Duration.ofSeconds(seconds)));
      System.out.println(target.node().name() + ": " + text(state));
    }
    return 0;
  }

  private static void setBoot(BmcOfNode.Target target, Boot device) {
    Node node = target.node();
    BootSetting wanted = BootSetting.once(BootDevice.valueOf(device.name()), Bmcs.firmware(node));
    BootSetting seen = target.require(target.bmc().setNextBoot(wanted));
    System.out.println(node.name() + ": next boot: " + seen.text());
  }

  private static String text(PowerState state) {
    return state == PowerState.UNKNOWN
        ? "sent; nothing confirms it"
        : state.name().toLowerCase(Locale.ROOT);
  }
}
