// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.RackFile;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What can be wrong with a machine for good, and what the appliance is to say of it: the one table
 * of faults and diagnoses, by codes. Where there are several, the first one is the closest, and the
 * others are true as well.
 */
enum Fault {
  BMC_PASSWORD("its BMC refuses the password", "bmc-refused"),
  BMC_SILENT("nobody answers at its BMC's address", "bmc-refused"),
  BMC_REFUSES("its BMC declines to switch on", "bmc-refused"),
  BMC_OF_ANOTHER("its BMC holds another machine", "other-machine"),
  POWER_UNKNOWN(
      "its switched socket tells nothing, and the command to it is lost", "power-unknown"),
  NO_LINK("is switched on, and nothing of it reaches the network", "no-discover"),
  DIES_IN_POST("dies before its firmware comes to the network", "no-discover"),
  NO_PROGRAM("has an architecture without a boot program", "no-boot-program", "no-discover"),
  OFFERS_LOST("hears no answer to its DISCOVER", "no-request"),
  ADDRESS_TAKEN("finds that another machine has its address", "duplicate-address"),
  TWIN("another machine has its MAC, and takes its answers away", "duplicate-mac"),
  /** Beside a server that nobody has named, a rival may be the site's own. */
  RIVAL_DHCP(
      "takes the boot file of another DHCP server",
      Fault.SURE_OF_RIVAL,
      "no-program-asked",
      "no-request"),
  TFTP_BLOCKED("UDP port 69 does not reach the appliance", "no-program-asked", "no-request"),
  TFTP_BREAKS("its boot program stops at some block", "tftp-aborted", "no-script"),
  PROGRAM_LOOPS("its boot program fails, and the firmware loads it anew at once", "program-loop"),
  PROGRAM_REFUSED("Secure Boot refuses its program", "no-script", "program-loop"),
  HTTP_BLOCKED("TCP does not reach the appliance", "no-script", "program-loop"),
  KERNEL_BLOCKED("has its script, and no kernel arrives", "no-kernel", "reinstall-loop"),
  NO_DRIVER("its kernel has no driver for the network card", "no-answer-file"),
  KERNEL_PANICS("its installer's kernel crashes, and it restarts", "reinstall-loop"),
  NO_DISK("its installer finds no disk, and says so", "disk-missing", "reported-failure"),
  SMALL_DISK("its installer finds the disk too small", "disk-too-small", "reported-failure"),
  MIRROR_DOWN("its installer cannot fetch packages", "mirror-unreachable", "reported-failure"),
  INSTALLER_ASKS("its installer stands at a question", "installer-silent"),
  DIES_INSTALLING("dies while its disk is written", "installer-silent"),
  BOOT_ORDER("does not find its way to its disk", "back-in-pxe", "no-first-boot"),
  DIES_BEFORE_FIRST_BOOT("dies when its disk is finished", "no-first-boot"),
  WRONG_CLOCK("its system finds certificates not valid yet", "clock-wrong", "reported-failure"),
  ENROLL_BLOCKED("its system runs, and its enrollment does not arrive", "no-enrollment"),
  HANDSHAKE_BLOCKED("UDP of the mesh reaches none of its peers", "no-handshake");

  private static final String SURE_OF_RIVAL = "competing-dhcp";

  private final String words;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Set<String> codes;

  Fault(String words, String... codes) {
    this.words = words;
    this.codes = Set.of(codes);
  }

  /** What happens to the machine, in words. */
  String words() {
    return words;
  }

  /** Codes of the diagnoses that name it in that rack, by what its file says. */
  Set<String> codes(RackFile rack) {
    boolean sure = this == RIVAL_DHCP && !rack.appliance().siteServers().isEmpty();
    return sure ? Set.of(SURE_OF_RIVAL) : codes;
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
