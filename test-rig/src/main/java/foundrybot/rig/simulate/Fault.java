// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.RackFile;
import java.util.Arrays;
import java.util.LinkedHashSet;
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
  BMC_PASSWORD(Reached.SYSTEM, "its BMC refuses the password", "bmc-refused"),
  BMC_SILENT(Reached.SYSTEM, "nobody answers at its BMC's address", "bmc-refused"),
  BMC_REFUSES(Reached.SYSTEM, "its BMC declines to switch on", "bmc-refused"),
  BMC_OF_ANOTHER(Reached.SYSTEM, "its BMC holds another machine", "other-machine"),
  POWER_UNKNOWN(
      Reached.SYSTEM,
      "its switched socket tells nothing, and the command to it is lost",
      "power-unknown"),
  NO_LINK(Reached.NOTHING, "is switched on, and nothing of it reaches the network", "no-discover"),
  DIES_IN_POST(Reached.NOTHING, "dies before its firmware comes to the network", "no-discover"),
  NO_PROGRAM(
      Reached.NOTHING,
      "has an architecture without a boot program",
      "no-boot-program",
      "no-discover"),
  OFFERS_LOST(Reached.NOTHING, "hears no answer to its DISCOVER", "no-request"),
  ADDRESS_TAKEN(Reached.NOTHING, "finds that another machine has its address", "duplicate-address"),
  TWIN(Reached.SYSTEM, "another machine has its MAC, and takes its answers away", "duplicate-mac"),
  /** Beside a server that nobody has named, a rival may be the site's own. */
  RIVAL_DHCP(
      Reached.NOTHING,
      "takes the boot file of another DHCP server",
      Fault.SURE_OF_RIVAL,
      "no-program-asked",
      "no-request"),
  TFTP_BLOCKED(
      Reached.DHCP, "UDP port 69 does not reach the appliance", "no-program-asked", "no-request"),
  TFTP_BREAKS(Reached.DHCP, "its boot program stops at some block", "tftp-aborted", "no-script"),
  PROGRAM_LOOPS(
      Reached.PROGRAM,
      "its boot program fails, and the firmware loads it anew at once",
      "program-loop"),
  PROGRAM_REFUSED(Reached.PROGRAM, "Secure Boot refuses its program", "no-script", "program-loop"),
  HTTP_BLOCKED(Reached.PROGRAM, "TCP does not reach the appliance", "no-script", "program-loop"),
  KERNEL_BLOCKED(
      Reached.SCRIPT, "has its script, and no kernel arrives", "no-kernel", "reinstall-loop"),
  NO_DRIVER(Reached.KERNEL, "its kernel has no driver for the network card", "no-answer-file"),
  KERNEL_PANICS(
      Reached.KERNEL, "its installer's kernel crashes, and it restarts", "reinstall-loop"),
  NO_DISK(
      Reached.ANSWERS,
      "its installer finds no disk, and says so",
      "disk-missing",
      "reported-failure"),
  SMALL_DISK(
      Reached.ANSWERS,
      "its installer finds the disk too small",
      "disk-too-small",
      "reported-failure"),
  MIRROR_DOWN(
      Reached.ANSWERS,
      "its installer cannot fetch packages",
      "mirror-unreachable",
      "reported-failure"),
  INSTALLER_ASKS(Reached.ANSWERS, "its installer stands at a question", "installer-silent"),
  DIES_INSTALLING(Reached.ANSWERS, "dies while its disk is written", "installer-silent"),
  BOOT_ORDER(Reached.DISK, "does not find its way to its disk", "back-in-pxe", "no-first-boot"),
  DIES_BEFORE_FIRST_BOOT(Reached.DISK, "dies when its disk is finished", "no-first-boot"),
  WRONG_CLOCK(
      Reached.SYSTEM,
      "its system finds certificates not valid yet",
      "clock-wrong",
      "reported-failure"),
  ENROLL_BLOCKED(
      Reached.SYSTEM, "its system runs, and its enrollment does not arrive", "no-enrollment"),
  HANDSHAKE_BLOCKED(Reached.SYSTEM, "UDP of the mesh reaches none of its peers", "no-handshake");

  private static final String SURE_OF_RIVAL = "competing-dhcp";

  /** How far a machine is when it feels it, if it does so in its first boot. */
  private final Reached felt;

  private final String words;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final Set<String> codes;

  Fault(Reached felt, String words, String... codes) {
    this.felt = felt;
    this.words = words;
    this.codes = Set.of(codes);
  }

  /** What happens to the machine, in words. */
  String words() {
    return words;
  }

  /** Codes of the diagnoses that name it in that rack, by what its file says. */
  Set<String> codes(RackFile rack) {
    if (isUnheard(rack)) {
      return Set.of("no-discover");
    }
    boolean sure = this == RIVAL_DHCP && !rack.appliance().siteServers().isEmpty();
    return sure ? Set.of(SURE_OF_RIVAL) : codes;
  }

  /**
   * The same of a machine that was further already when it felt it: what its silence means where it
   * was is true as well.
   */
  Set<String> codes(RackFile rack, Reached far) {
    Set<String> all = new LinkedHashSet<>(codes(rack));
    if (far.compareTo(felt) > 0) {
      all.addAll(far.silence());
    }
    return all;
  }

  /**
   * Whether nothing of a machine reaches the appliance that feels it in its first boot. One that
   * does not listen to DHCP hears of a machine first by its boot program.
   */
  boolean isUnheard(RackFile rack) {
    boolean early = felt.compareTo(Reached.PROGRAM) < 0 && this != TFTP_BREAKS;
    return this == NO_LINK
        || this == DIES_IN_POST
        || (early && rack.appliance().dhcp() == DhcpMode.OFF);
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
