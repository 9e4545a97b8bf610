// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
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
      "off takes the power away at once; shutdown asks the operating system.",
      "A running appliance refuses it while a deployment or another command has the node's BMC,"
          + " and says which ('hold' the node first, or wait).",
      "Commands that speak to one BMC at the same time take turns, also without an appliance: one"
          + " waits up to 60 s for another."
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

  /** For what is asked beside the command that is waited for: log-in, next boot, reading back. */
  private static final Duration BESIDE = Duration.ofMinutes(5);

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
      paramLabel = "WHAT",
      description = {
        "Sets the next boot before: pxe, disk, cd, http (UEFI HTTP Boot by DHCP), or an http or"
            + " https URL for that."
      })
  private Optional<String> boot = Optional.empty();

  @Option(names = "--always", description = "With --boot: every boot from now on, not once.")
  private boolean always;

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
    if (always && boot.isEmpty()) {
      throw new UserException(Main.USAGE, "--always: alone (expected: with --boot)");
    }
    Optional<BootSetting> wanted = boot.map(text -> BootWish.read(text, always));
    try (BmcOfNode.Target target = of.open(name)) {
      Bmc bmc = target.bmc();
      if (wish == Wish.STATUS && wanted.isEmpty()) {
        PowerState state = target.alone(said(), () -> target.require(bmc.power()));
        System.out.println(target.node().name() + ": " + text(state));
      } else {
        new CommandTrail(of.data(), target.node().mac(), said())
            .alone(Duration.ofSeconds(seconds).plus(BESIDE))
            .around(() -> target.alone(said(), () -> change(target, wanted)));
      }
    }
    return 0;
  }

  /** For the audit log. */
  private String said() {
    return "power "
        + wish.name().toLowerCase(Locale.ROOT)
        + " "
        + name
        + boot.map(text -> " boot " + (text.contains("://") ? "http URL" : text)).orElse("")
        + (always ? " always" : "");
  }

  private String change(BmcOfNode.Target target, Optional<BootSetting> wanted) {
    Bmc bmc = target.bmc();
    wanted.ifPresent(setting -> setBoot(target, setting));
    PowerState state =
        wish == Wish.STATUS
            ? target.require(bmc.power())
            : target.require(
                bmc.power(PowerAction.valueOf(wish.name()), Duration.ofSeconds(seconds)));
    System.out.println(target.node().name() + ": " + text(state));
    return "done: " + state.name().toLowerCase(Locale.ROOT);
  }

  private static void setBoot(BmcOfNode.Target target, BootSetting setting) {
    Node node = target.node();
    BootSetting wanted = BootWish.with(setting, Bmcs.firmware(node));
    BootSetting seen = target.require(target.bmc().setNextBoot(wanted));
    System.out.println(node.name() + ": next boot: " + seen.text());
  }

  private static String text(PowerState state) {
    return state == PowerState.UNKNOWN
        ? "sent; nothing confirms it"
        : state.name().toLowerCase(Locale.ROOT);
  }
}
