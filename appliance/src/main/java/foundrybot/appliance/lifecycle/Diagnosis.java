// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.Optional;

/**
 * Why a node is stuck and what to try, read off its stage.
 *
 * @param why what the evidence says
 * @param tryNext the next thing to do, in words
 */
public record Diagnosis(String why, String tryNext) {
  /** Empty unless the node of that name is stuck, or waits for the operator. */
  public static Optional<Diagnosis> of(String node, NodeState state, Instant now) {
    if (state.condition(now) != Condition.STUCK) {
      return state.isHeld() ? Optional.of(held(node, state)) : Optional.empty();
    }
    return Optional.of(
        state
            .mismatch()
            .map(mismatch -> new Diagnosis(mismatch.why(), mismatch.tryNext(node)))
            .or(() -> state.quarantine().map(why -> quarantined(node, why)))
            .or(() -> state.refusal().map(reason -> refused(node, state, reason)))
            .or(() -> state.failure().map(Diagnosis::reported))
            .or(() -> unarmed(node, state))
            .orElseGet(() -> silent(node, state)));
  }

  /** Also where it had its script already when its time was over. */
  private static Optional<Diagnosis> unarmed(String node, NodeState state) {
    return state.power().hold() == PowerRun.Hold.NOT_ARMED
        ? Optional.of(held(node, state))
        : Optional.empty();
  }

  private static Diagnosis held(String node, NodeState state) {
    if (state.power().hold() == PowerRun.Hold.NOT_ARMED) {
      return new Diagnosis(
          state
              .power()
              .armed()
              .map(end -> "it asked to boot, and was armed until " + end + " only")
              .orElse("it asked to boot, and waits to be armed"),
          "bootserver arm " + node + ", if it is the machine that you expect; then restart it");
    }
    return new Diagnosis(
        "it was switched on by hand and asked to boot, but nobody has deployed it",
        "bootserver deploy " + node + "; with --by-hand it is not switched by its BMC");
  }

  private static Diagnosis quarantined(String node, String why) {
    return new Diagnosis(
        "quarantined, " + why,
        "find out which of these addresses is "
            + node
            + " and take the other one off the network, then bootserver reinstall "
            + node);
  }

  private static Diagnosis reported(String reason) {
    return new Diagnosis(
        "the machine reported: " + reason, "mend what it names, then power-cycle it");
  }

  private static Diagnosis refused(String node, NodeState state, String reason) {
    String command = "bootserver " + (state.isInRescue() ? "rescue " : "deploy ");
    return new Diagnosis(
        "BMC refused: " + reason,
        "mend what it names, then "
            + command
            + node
            + "; or switch it on by hand: "
            + command
            + "--by-hand "
            + node);
  }

  private static Diagnosis perhapsOn(String node, NodeState state) {
    return new Diagnosis(
        "no DISCOVER since it was told to switch on; " + state.power().said(),
        "look whether it is on; if it is off, bootserver "
            + (state.isInRescue() ? "rescue " : "deploy ")
            + node
            + " tells it again; if it is on, look at its console");
  }

  private static Diagnosis silent(String node, NodeState state) {
    return switch (state.stage()) {
      case POWERED_ON ->
          state.power().step() == PowerRun.Step.UNKNOWN
              ? perhapsOn(node, state)
              : new Diagnosis(
                  "powered on, no DISCOVER since " + state.power().at(),
                  "look at its console; does it boot from the network, on this VLAN, with this MAC?"
                      + " bootserver bmc "
                      + node
                      + " shows its cards and what it boots next");
      case PLANNED, POWERING, RESCUE, ENROLLED -> new Diagnosis("no deadline here", "nothing");
      case DHCP ->
          new Diagnosis(
              "it asked by DHCP but fetched no boot program",
              "look whether another DHCP server answered it first or names a boot file of its own"
                  + " (bootserver events "
                  + node
                  + "), and whether UDP 69 and 4011 reach the appliance");
      case BOOTLOADER ->
          new Diagnosis(
              "the boot program was asked for, but iPXE never fetched its script",
              "look for tftp.aborted in its events (MTU, firewall), for Secure Boot refusing the"
                  + " program, and try the other UEFI program (ipxe.efi or snponly.efi)");
      case SCRIPT ->
          new Diagnosis(
              "iPXE has its script but fetched no kernel",
              "check TCP from the machine to the appliance's HTTP port, and its screen for an"
                  + " iPXE error code");
      case KERNEL ->
          new Diagnosis(
              state.isInRescue()
                  ? "kernel and initrd were fetched, but the rescue system has not reported"
                  : "kernel and initrd were fetched, but no answer file was asked for",
              "it may lack a driver for the network card, or got no address by DHCP:"
                  + " look at its console");
      case INSTALLING ->
          new Diagnosis(
              "the installer went silent",
              "look at its console: it may stand at a question, at a missing disk or mirror");
      case INSTALLED ->
          new Diagnosis(
              "the disk is finished, but the system on it never reported",
              "check the boot order and boot loader; does it come back to PXE"
                  + " (dhcp.discover in its events)?");
      case FIRST_BOOT ->
          new Diagnosis(
              "it booted from its disk and reported, but did not enrol",
              "look at 'journalctl -u foundrybot-first-boot' on the machine; check its clock");
    };
  }
}
