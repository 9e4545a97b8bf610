// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.appliance.lifecycle.Trouble;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What can be wrong with a machine for good, and what the appliance is to say of it: the one table
 * of faults and diagnoses.
 */
enum Fault {
  NO_LINK("is switched on, and nothing of it reaches the network", Trouble.NO_DISCOVER),
  DIES_IN_POST("dies before its firmware comes to the network", Trouble.NO_DISCOVER),
  BMC_PASSWORD("its BMC refuses the password", Trouble.BMC_REFUSED),
  BMC_SILENT("nobody answers at its BMC's address", Trouble.BMC_REFUSED),
  BMC_REFUSES("its BMC declines to switch on", Trouble.BMC_REFUSED),
  BMC_OF_ANOTHER("its BMC holds another machine", Trouble.OTHER_MACHINE),
  TFTP_BLOCKED("UDP port 69 does not reach the appliance", Trouble.NO_BOOT_PROGRAM_ASKED),
  RIVAL_DHCP(
      "another DHCP server names a boot file of its own, and wins", Trouble.NO_BOOT_PROGRAM_ASKED),
  TFTP_BREAKS("the boot program stops at some block", Trouble.NO_SCRIPT),
  PROGRAM_REFUSED("Secure Boot refuses the boot program", Trouble.NO_SCRIPT),
  HTTP_BLOCKED("TCP does not reach the appliance", Trouble.NO_SCRIPT),
  KERNEL_BLOCKED("it has its script, and no kernel arrives", Trouble.NO_KERNEL),
  NO_DRIVER("its kernel has no driver for the network card", Trouble.NO_ANSWER_FILE),
  INSTALLER_ASKS("its installer stands at a question", Trouble.INSTALLER_SILENT),
  DIES_INSTALLING("dies while its disk is written", Trouble.INSTALLER_SILENT),
  NO_DISK("its installer finds no disk, and says so", Trouble.REPORTED_FAILURE),
  BOOT_ORDER("does not find its way to its disk", Trouble.NO_FIRST_BOOT),
  DIES_BEFORE_FIRST_BOOT("dies when its disk is finished", Trouble.NO_FIRST_BOOT),
  CLOCK_WRONG("its system runs, and does not come to enrol", Trouble.NO_ENROLLMENT);

  private final String words;
  private final Set<String> codes;

  Fault(String words, Trouble... troubles) {
    this.words = words;
    this.codes = Arrays.stream(troubles).map(Trouble::code).collect(Collectors.toSet());
  }

  /** What happens, in words that follow "the machine" or "of it". */
  String words() {
    return words;
  }

  /** Codes of the diagnoses that name it. */
  Set<String> codes() {
    return codes;
  }

  static Optional<Fault> called(String name) {
    return Arrays.stream(values()).filter(fault -> fault.toString().equals(name)).findFirst();
  }

  static List<String> names() {
    return Arrays.stream(values()).map(Fault::toString).toList();
  }

  /** As people write it: {@code no-link}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
