// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.util.List;
import java.util.Map;

/**
 * The ladder of what can be wrong, in the order of a node's way: of each a code that stays as it
 * is, the sentence that says it, what is likely behind it, and what to do. The likeliest comes
 * first. When which one it is, is in {@link Rungs} and {@link FailureWords}.
 *
 * <p>{@code NODE} stands for the node's name, {@code DEPLOY} for the command that switches it on;
 * what stands in braces is of the evidence.
 */
public enum Trouble {
  BMC_REFUSED(
      "bmc-refused",
      "BMC refused: {said}",
      List.of("what the BMC answered", "a wrong address or password of the BMC"),
      List.of(
          "mend what it names, then bootserver DEPLOY NODE",
          "or switch it on by hand: bootserver DEPLOY --by-hand NODE")),
  /** Nobody is to touch it; what to do depends on who holds it. */
  HELD(
      "held",
      "{said}",
      List.of("what whoever holds it names"),
      List.of("bootserver resume NODE, when that is mended")),
  OTHER_MACHINE(
      "other-machine",
      "its BMC holds another machine: the BMC says {bmc}, but {machine}",
      List.of(
          "the BMC address or the MAC in the rack file is another machine's",
          "a swapped cable",
          "firmware that gives itself another UUID than the BMC knows"),
      List.of(Identity.Mismatch.TRY)),
  NOT_ARMED(
      "not-armed",
      "it asked to boot, and {armed}",
      List.of("it has no BMC, and nobody has deployed or armed it, or not for long enough"),
      List.of("bootserver arm NODE, if it is the machine that you expect; then restart it")),
  NOT_DEPLOYED(
      "not-deployed",
      "it was switched on by hand and asked to boot, but nobody has deployed it",
      List.of("somebody switched it on", "power came back after it had gone"),
      List.of("bootserver deploy NODE; with --by-hand it is not switched by its BMC")),
  POWER_UNKNOWN(
      "power-unknown",
      "no DISCOVER since it was told to switch on; {said}",
      List.of("the command did not arrive", "it is on, and does not boot from the network"),
      List.of(
          "look whether it is on; if it is off, bootserver DEPLOY NODE tells it again; if it is"
              + " on, look at its console")),
  NO_DISCOVER(
      "no-discover",
      "powered on, no DISCOVER since {powered}",
      List.of(
          "the network is not first in its boot order, or PXE is off for this card",
          "the port is in another VLAN, or its link is down (cable, spanning tree)",
          "it boots from another card than the one with the MAC of the rack file",
          "no DHCP relay (ip helper) from its network to the appliance"),
      List.of(
          "look at its console; does it boot from the network, on this VLAN, with this MAC?"
              + " bootserver bmc NODE shows its cards and what it boots next",
          "bootserver doctor shows whether DHCP reaches the appliance at all")),
  DISCOVER_UNANSWERED(
      "discover-unanswered",
      "its DISCOVER was heard and not answered: {said}",
      List.of("what the answer's refusal names", "its network is not in the rack file"),
      List.of("mend in the rack file what it names", "bootserver explain NODE shows the decision")),
  DUPLICATE_ADDRESS(
      "duplicate-address",
      "an address for it is in use by another machine: {said}",
      List.of(
          "a machine with that address set by hand",
          "another DHCP server gives addresses of the same range"),
      List.of(
          "find who has the address (arp, the switch's table) and take it away, or give NODE"
              + " another one in the rack file; then power-cycle NODE")),
  DUPLICATE_MAC(
      "duplicate-mac",
      "machines with different UUIDs ask by this MAC in turn ({times}); the last says {said}",
      List.of(
          "a cloned virtual machine",
          "a MAC that was set by hand, or a dongle or dock that travels"),
      List.of(
          "find the second machine with this MAC (the switch's table shows its port), take it off"
              + " the network or change its MAC, then power-cycle NODE")),
  NO_BOOT_PROGRAM(
      "no-boot-program",
      "there is no boot program for its architecture: {said}",
      List.of(
          "the program for this architecture is not in the folder of boot programs",
          "the firmware is set to an architecture or mode that is not served"),
      List.of(
          "bootserver loaders shows which programs are there; add the one for it, or set its"
              + " firmware to UEFI or BIOS as the others")),
  COMPETING_DHCP(
      "competing-dhcp",
      "another DHCP server won: it took the offer of {server} ({times}, the last time {at})",
      List.of(
          "a second DHCP server on this network: a router, a virtual machine, somebody's test, or"
              + " the one that the appliance was to replace",
          "a server of the site's that appliance.site-servers in the rack file does not name",
          "a relay that passes its DISCOVER to two servers"),
      List.of(
          "switch {server} off for this network, or let it serve: with dhcp: proxy in the rack"
              + " file, and named in appliance.site-servers where that is there, the appliance adds"
              + " the boot program to its leases",
          "bootserver doctor names the DHCP servers that answer; the switch's table shows at which"
              + " port they are")),
  NO_REQUEST(
      "no-request",
      "it was offered what to boot ({times}, first {first}) and asked for nothing",
      List.of(
          "our offers do not reach it: a relay, a firewall, or a port that forwards too late",
          "with dhcp: proxy, no DHCP server gives it an address",
          "it took the offer of a server that it asks where we do not hear it"),
      List.of(
          "look at its console: PXE-E51 or PXE-E52 mean no address; is there a DHCP server for its"
              + " network, and does the relay pass answers on? bootserver events NODE",
          "bootserver doctor asks as a machine would")),
  NO_PROGRAM_ASKED(
      "no-program-asked",
      "it asked by DHCP and has an answer{by}, but fetched no boot program",
      List.of(
          "another DHCP server names a boot file of its own (next-server, options 66 and 67)",
          "UDP 69 or 4011 does not reach the appliance",
          "told a URL of HTTPS, it does not know the appliance's CA"),
      List.of(
          "look whether another DHCP server answered it first or names a boot file of its own"
              + " (bootserver events NODE), and whether UDP 69 and 4011 reach the appliance",
          "bootserver doctor tries TFTP and port 4011",
          "where the rack file has dhcp: proxy and no appliance.site-servers: name the site's DHCP"
              + " servers there, and who takes the offer of any other is told so")),
  TFTP_ABORTED(
      "tftp-aborted",
      "TFTP broke off {times}, the last time {said}",
      List.of(
          "fragments are lost: an MTU on the way is smaller than the block size",
          "a firewall that knows UDP 69 and drops the transfer's own port",
          "a switch port or cable that loses packets",
          "the firmware ran out of memory, or refused the program"),
      List.of(
          "compare the block at which it stops: always 0 or 1 means firewall or MTU; then try a"
              + " smaller tftp: block-size and single port in the rack file",
          "if it stops at changing blocks, look at the port's error counters")),
  PROGRAM_LOOP(
      "program-loop",
      "it loads the same boot program again and again ({times}), and never comes to its script",
      List.of(
          "the program starts and fails: no driver for the card, or a firmware fault",
          "iPXE in it does not hear our answer to its own DISCOVER, and restarts",
          "another DHCP server hands the program to iPXE, too"),
      List.of(
          "try the other program (ipxe.efi or snponly.efi) for NODE by a row of the firmware table"
              + " (docs/firmware.md), and look at its console for iPXE's error code")),
  NO_SCRIPT(
      "no-script",
      "the boot program was asked for, but iPXE never fetched its script",
      List.of(
          "Secure Boot refused the program",
          "the program does not know the network card",
          "iPXE got no address"),
      List.of(
          "look at its console: Secure Boot refusing the program, or an iPXE error code; try the"
              + " other UEFI program (ipxe.efi or snponly.efi)")),
  SCRIPT_UNVERIFIED(
      "script-unverified",
      "it has its script and the signature beside it ({times}, the last time {at}), but fetched no"
          + " kernel",
      List.of(
          "its iPXE was built with another CA (TRUST=) than the appliance's",
          "its clock is wrong: the certificates are not valid then",
          "who is on the way between changes the script"),
      List.of(
          "read its console: behind 'Could not verify' stands why; bootserver ca prints the CA that"
              + " its program must have been built with (docs/trust.md); check its clock (UTC)")),
  IMAGE_UNVERIFIED(
      "image-unverified",
      "its iPXE runs only what it can verify, and gave up: {said}",
      List.of(
          "its iPXE was built with another CA (TRUST=) than the appliance's",
          "its clock is wrong: the certificates are not valid then",
          "the file was changed on its way, or on the appliance's disk since its import",
          "imgtrust is not known: a row of firmware.yaml says verifies-images of a program that was"
              + " built without IMAGE_TRUST_CMD"),
      List.of(
          "read its console: behind 'Could not verify' stands why; bootserver ca prints the CA that"
              + " its program must have been built with (docs/trust.md); check its clock (UTC)",
          "where its program cannot verify: take verifies-images out of its row in firmware.yaml"
              + " (bootserver explain NODE names the row); then power-cycle NODE")),
  NO_KERNEL(
      "no-kernel",
      "iPXE has its script but fetched no kernel",
      List.of(
          "TCP to the appliance's HTTP port is blocked",
          "iPXE does not accept the certificate, or its clock is wrong",
          "too little memory"),
      List.of(
          "check TCP from the machine to the appliance's HTTP port, and its screen for an"
              + " iPXE error code")),
  NO_ANSWER_FILE(
      "no-answer-file",
      "kernel and initrd were fetched, but no answer file was asked for",
      List.of(
          "the kernel has no driver for the network card",
          "it got no address by DHCP",
          "the kernel stopped: kernel arguments, memory"),
      List.of(
          "it may lack a driver for the network card, or got no address by DHCP:"
              + " look at its console")),
  RESCUE_SILENT(
      "rescue-silent",
      "kernel and initrd were fetched, but the system in them has not reported",
      List.of("the kernel has no driver for the network card", "it got no address by DHCP"),
      List.of("look at its console")),
  INSPECTION_SILENT(
      "inspection-silent",
      "the machine was looking at what it is made of, and went silent",
      List.of(
          "a controller or a disk that does not answer its driver",
          "it lost its network, or its power"),
      List.of(
          "look at its console: the last line names what it was looking at; then bootserver inspect"
              + " NODE again")),
  ERASURE_INTERRUPTED(
      "erasure-interrupted",
      "its disks were being overwritten, and it went silent; what was done counts as no proof",
      List.of(
          "it lost its power, or was restarted",
          "it lost its network: it may still be at work, and reports when it is back",
          "a disk that does not answer any more"),
      List.of(
          "look at its console; if it is not at work there, bootserver erase NODE begins anew",
          "bootserver inspect NODE shows whether all disks are still there")),
  ERASURE_FAILED(
      "erasure-failed",
      "its disks are not proved to be zero: {said}",
      List.of(
          "a disk that cannot be written or read everywhere: a defect",
          "a disk that was named is not there, is removable, read-only or in use",
          "no network or no driver for the controller in the deploy environment"),
      List.of(
          "bootserver erase NODE --show has the report of each disk; bootserver erase NODE begins"
              + " anew",
          "take a disk that stays unreadable out of the machine, and destroy it")),
  NO_NETWORK(
      "installer-no-network",
      "the machine reported that it has no network: {said}",
      List.of("no driver for the card", "no link", "no DHCP answer for its system"),
      List.of("look at link and driver of the card that it names; then power-cycle it")),
  DISK_MISSING(
      "disk-missing",
      "the machine reported that it finds no disk to install on: {said}",
      List.of(
          "the disk has another name than the rack file says",
          "a controller in RAID mode without a volume, or without a driver",
          "no disk, or a dead one"),
      List.of(
          "compare the disk of NODE in the rack file with those that it names (auto takes the first"
              + " that can be written); make the RAID volume if there is none; then power-cycle"
              + " it")),
  DISK_TOO_SMALL(
      "disk-too-small",
      "the machine reported that its disk is too small: {said}",
      List.of(
          "another disk came first, such as a USB stick or a boot module",
          "the layout in the rack file wants more than there is"),
      List.of(
          "name the right disk of NODE in the rack file, or take less in its disks; then"
              + " power-cycle it")),
  MIRROR_UNREACHABLE(
      "mirror-unreachable",
      "the installer does not get its packages: {said}",
      List.of(
          "the package mirror of the profile cannot be reached from the machine's network",
          "the mirror lacks what the profile wants: it was not filled, or not to the end",
          "name resolution"),
      List.of(
          "bootserver mirror fills the appliance's own mirror; for another one, fetch its Release"
              + " file from the machine's network; then power-cycle NODE")),
  IMAGE_DAMAGED(
      "image-damaged",
      "the machine reported that its image did not arrive whole: {said}",
      List.of("a changed image without a new manifest", "memory or network that changes bytes"),
      List.of("bootserver image checks the image; if it is sound, test the machine's memory")),
  REPORTED_FAILURE(
      "reported-failure",
      "the machine reported: {said}",
      List.of("what the machine itself names"),
      List.of("mend what it names, then power-cycle it")),
  INSTALLER_SILENT(
      "installer-silent",
      "the installer went silent",
      List.of(
          "it stands at a question",
          "it found no disk",
          "the package mirror does not answer it",
          "it crashed, or lost its network"),
      List.of("look at its console: it may stand at a question, at a missing disk or mirror")),
  REINSTALL_LOOP(
      "reinstall-loop",
      "it has started over {times} at {stage}, and never came beyond it",
      List.of(
          "the system that it starts crashes, and the watchdog or the firmware restarts it",
          "what it is given is wrong for it: kernel arguments, driver, disk"),
      List.of(
          "look at its console through one whole attempt; what it says before it restarts is the"
              + " cause",
          "bootserver plan NODE shows what it is given")),
  BACK_IN_PXE(
      "back-in-pxe",
      "the disk is finished, but it came back to PXE {times} and was told to boot its disk",
      List.of(
          "its firmware does not find the boot loader on the disk (another disk is first, or the"
              + " boot entry is gone)",
          "the installed system stops and the machine restarts"),
      List.of(
          "look at its console behind iPXE's 'local disk': does a boot loader start? check the boot"
              + " order, and whether the system was installed for the mode (UEFI or BIOS) it boots"
              + " in",
          "bootserver rescue NODE starts a system in which its disk can be looked at")),
  NO_FIRST_BOOT(
      "no-first-boot",
      "the disk is finished, but the system on it never reported",
      List.of(
          "it did not restart, or stands in its firmware",
          "the boot loader or the boot order",
          "the installed system has no network"),
      List.of(
          "look at its console; check the boot order and boot loader, and the network of the"
              + " installed system")),
  CLOCK_WRONG(
      "clock-wrong",
      "its clock is wrong: {said}",
      List.of("an empty battery", "the clock is set to local time", "no time server reached"),
      List.of(
          "set the clock of NODE (UTC) in its firmware, and let it reach a time server; the"
              + " appliance is one")),
  TPM_REFUSED(
      "tpm-refused",
      "it gets no place in the mesh, by its TPM: {said}",
      List.of(
          "its board or its TPM was replaced, or its TPM was cleared: it has another EK",
          "another machine has its disk, or its token",
          "its TPM is off in the firmware, or tpm2-tools are missing on it"),
      List.of(
          "find out whether that is NODE: bootserver tpm NODE says which EK it had, and on the"
              + " machine 'journalctl -u foundrybot-first-boot' says what its TPM does",
          "if its board was replaced: bootserver tpm NODE --forget, and correct the EK where the"
              + " rack file names it; it asks again within a minute")),
  TOKEN_EXPIRED(
      "token-expired",
      "it came with its token when its window was over ({times}, the last time {at}): {said}",
      List.of(
          "it was silent for longer than its window: a slow disk or mirror, a stop at a question,"
              + " an outage of the network",
          "somebody else who has read its token"),
      List.of(
          "bootserver arm NODE, if it is the machine that you expect: for a quarter of an hour it"
              + " is heard again, and goes on where it is",
          "where that is its usual pace: a longer deadlines of that stage in the rack file, which"
              + " the window follows",
          "or bootserver reinstall NODE begins anew")),
  OTHER_ADDRESS(
      "other-address",
      "its token came from an address that is not its own ({times}, the last time {at}): {said}",
      List.of(
          "somebody who read the token on the network: the node itself goes on",
          "it goes on by another network card than the one with the MAC of the rack file",
          "its address was set by hand"),
      List.of(
          "find out who has that address (arp, the switch's table); if it is NODE, give it that"
              + " address in the rack file, then bootserver reinstall NODE")),
  NO_ENROLLMENT(
      "no-enrollment",
      "it booted from its disk and reported, but did not enrol",
      List.of(
          "it does not reach the appliance by HTTP or HTTPS", "its place in the mesh is refused"),
      List.of("look at 'journalctl -u foundrybot-first-boot' on the machine; check its clock")),
  NO_HANDSHAKE(
      "no-handshake",
      "it is in no contact with its peers of the mesh: {said}",
      List.of(
          "UDP of the mesh is blocked between the nodes",
          "a clock that was set back: WireGuard takes only newer handshakes",
          "a peer has keys of an earlier installation, and no newer bundle yet"),
      List.of(
          "on the machine: wg show (latest handshake, endpoint), then UDP between both endpoints;"
              + " bootserver bundle shows what the peers should know")),
  CHECK_FAILED(
      "check-failed",
      "it does not prove its role: {said}",
      List.of(
          "the service that is checked did not start, or waits for something itself",
          "it is not installed: nothing else of the role has put it there",
          "its reports do not reach the appliance by HTTPS"),
      List.of(
          "on NODE: /usr/local/lib/foundrybot/mesh gates, which shows each check, then the log of"
              + " what fails; 'journalctl -u foundrybot-mesh' where nothing is reported")),
  DUPLICATE_MACHINE(
      "duplicate-machine",
      "quarantined, {said}",
      List.of(
          "two machines with the same MAC, as clones of a virtual machine have",
          "somebody who read the token on the network"),
      List.of(
          "find out which of these addresses is NODE and take the other one off the network, then"
              + " bootserver reinstall NODE")),
  APPLIANCE_DISK_FULL(
      "appliance-disk-full",
      "the appliance's own disk is nearly full: {said}",
      List.of("images, mirror and backups in the data folder", "logs of other programs"),
      List.of(
          "make room on the disk of the data folder: an appliance that cannot write its journal"
              + " stops"));

  private final String code;
  private final String why;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final List<String> causes;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final List<String> tries;

  Trouble(String code, String why, List<String> causes, List<String> tries) {
    this.code = code;
    this.why = why;
    this.causes = List.copyOf(causes);
    this.tries = List.copyOf(tries);
  }

  /** What programs know it by. */
  public String code() {
    return code;
  }

  /** The sentence, with the values of the evidence still in braces. */
  public String why() {
    return why;
  }

  /** What may be behind it, the likeliest first. */
  public List<String> causes() {
    return causes;
  }

  /** What to do, in this order, still without a node's name. */
  public List<String> tries() {
    return tries;
  }

  /**
   * What it is for one node.
   *
   * @param deploy the command that begins with the node anew
   * @param values for what stands in braces
   */
  Diagnosis of(String node, String deploy, Map<String, String> values, List<String> evidence) {
    return new Diagnosis(
        code,
        filled(why, values),
        evidence,
        causes,
        tries.stream()
            .map(line -> line.replace("DEPLOY", deploy))
            .map(line -> line.replace("NODE", node))
            .map(line -> filled(line, values))
            .toList());
  }

  /** One pass, since values are the machine's own words. */
  private static String filled(String text, Map<String, String> values) {
    StringBuilder filled = new StringBuilder();
    int at = 0;
    while (true) {
      int open = text.indexOf('{', at);
      int close = text.indexOf('}', Math.max(at, open));
      if (open < 0 || close < 0) {
        return filled.append(text, at, text.length()).toString();
      }
      filled.append(text, at, open);
      filled.append(values.getOrDefault(text.substring(open + 1, close), ""));
      at = close + 1;
    }
  }
}
