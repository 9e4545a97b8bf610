// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.List;

/**
 * The ladder of what can be wrong with a node: of each a code that stays as it is, what is likely
 * behind it, and what to do. The likeliest comes first. What was seen of a node, with times, is
 * {@link Diagnosis}.
 *
 * <p>{@code NODE} stands for the node's name, {@code DEPLOY} for the command that switches it on.
 */
public enum Trouble {
  /** The BMC and the machine that boots do not belong together. */
  OTHER_MACHINE(
      "other-machine",
      List.of(
          "the BMC address or the MAC in the rack file is another machine's", "a swapped cable"),
      List.of()),
  /** Two addresses have shown what one machine can have only once. */
  DUPLICATE_MACHINE(
      "duplicate-machine",
      List.of(
          "two machines with the same MAC, as clones of a virtual machine have",
          "somebody who read the token on the network"),
      List.of(
          "find out which of these addresses is NODE and take the other one off the network, then"
              + " bootserver reinstall NODE")),
  BMC_REFUSED(
      "bmc-refused",
      List.of("what the BMC answered", "a wrong address or password of the BMC"),
      List.of(
          "mend what it names, then bootserver DEPLOY NODE",
          "or switch it on by hand: bootserver DEPLOY --by-hand NODE")),
  REPORTED_FAILURE(
      "reported-failure",
      List.of("what the machine itself names"),
      List.of("mend what it names, then power-cycle it")),
  /** Nobody is to touch it; what to do depends on who holds it. */
  HELD(
      "held",
      List.of("what whoever holds it names"),
      List.of("bootserver resume NODE, when that is mended")),
  NOT_ARMED(
      "not-armed",
      List.of("the rack file says accept: armed, and nobody has armed it, or not for long enough"),
      List.of("bootserver arm NODE, if it is the machine that you expect; then restart it")),
  NOT_DEPLOYED(
      "not-deployed",
      List.of("somebody switched it on", "power came back after it had gone"),
      List.of("bootserver deploy NODE; with --by-hand it is not switched by its BMC")),
  POWER_UNKNOWN(
      "power-unknown",
      List.of("the command did not arrive", "it is on, and does not boot from the network"),
      List.of(
          "look whether it is on; if it is off, bootserver DEPLOY NODE tells it again; if it is"
              + " on, look at its console")),
  NO_DISCOVER(
      "no-discover",
      List.of(
          "the network is not first in its boot order, or PXE is off for this card",
          "the port is in another VLAN, or its link is down (cable, spanning tree)",
          "it boots from another card than the one with the MAC of the rack file"),
      List.of(
          "look at its console; does it boot from the network, on this VLAN, with this MAC?"
              + " bootserver bmc NODE shows its cards and what it boots next")),
  NO_BOOT_PROGRAM_ASKED(
      "no-program-asked",
      List.of(
          "another DHCP server answered first, or names a boot file of its own",
          "UDP 69 or 4011 does not reach the appliance"),
      List.of(
          "look whether another DHCP server answered it first or names a boot file of its own"
              + " (bootserver events NODE), and whether UDP 69 and 4011 reach the appliance")),
  NO_SCRIPT(
      "no-script",
      List.of(
          "Secure Boot refused the program",
          "the program does not know the network card",
          "a firewall or an MTU on the way"),
      List.of(
          "look for tftp.aborted in its events (MTU, firewall), for Secure Boot refusing the"
              + " program, and try the other UEFI program (ipxe.efi or snponly.efi)")),
  NO_KERNEL(
      "no-kernel",
      List.of(
          "TCP to the appliance's HTTP port is blocked",
          "iPXE does not accept the certificate",
          "too little memory"),
      List.of(
          "check TCP from the machine to the appliance's HTTP port, and its screen for an"
              + " iPXE error code")),
  NO_ANSWER_FILE(
      "no-answer-file",
      List.of(
          "the kernel has no driver for the network card",
          "it got no address by DHCP",
          "the kernel stopped"),
      List.of(
          "it may lack a driver for the network card, or got no address by DHCP:"
              + " look at its console")),
  INSTALLER_SILENT(
      "installer-silent",
      List.of(
          "it stands at a question", "it found no disk", "the package mirror does not answer it"),
      List.of("look at its console: it may stand at a question, at a missing disk or mirror")),
  NO_FIRST_BOOT(
      "no-first-boot",
      List.of("the boot order", "the boot loader is not on the disk that it boots"),
      List.of(
          "check the boot order and boot loader; does it come back to PXE"
              + " (dhcp.discover in its events)?")),
  NO_ENROLLMENT(
      "no-enrollment",
      List.of("its clock is wrong", "it does not reach the appliance by HTTP"),
      List.of("look at 'journalctl -u foundrybot-first-boot' on the machine; check its clock"));

  private final String code;
  private final List<String> causes;
  private final List<String> tries;

  Trouble(String code, List<String> causes, List<String> tries) {
    this.code = code;
    this.causes = List.copyOf(causes);
    this.tries = List.copyOf(tries);
  }

  /** What programs know it by. */
  public String code() {
    return code;
  }

  List<String> causes() {
    return causes;
  }

  /** What to do about the node of that name. */
  List<String> tries(String node, boolean inRescue) {
    return tries.stream()
        .map(line -> line.replace("DEPLOY", inRescue ? "rescue" : "deploy").replace("NODE", node))
        .toList();
  }
}
