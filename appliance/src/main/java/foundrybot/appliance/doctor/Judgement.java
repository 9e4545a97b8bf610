// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static foundrybot.appliance.doctor.Finding.fault;
import static foundrybot.appliance.doctor.Finding.note;
import static foundrybot.appliance.doctor.Finding.warning;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Try;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the evidence means, and what to do about it: pure functions of it. */
final class Judgement {
  private static final int MOST_NAMED = 8;

  private Judgement() {}

  /** All findings, the worst first. */
  static List<Finding> of(Evidence evidence) {
    List<Finding> all = new ArrayList<>();
    evidence.host().ifPresent(host -> all.addAll(HostJudgement.of(evidence, host)));
    if (!evidence.programFault().isEmpty()) {
      all.add(
          fault(
              "boot programs cannot be used",
              evidence.programFault(),
              "install Debian's package ipxe, or name their folder with --boot-programs"));
    }
    evidence.wire().ifPresent(wire -> all.addAll(WireJudgement.of(evidence, wire)));
    services(evidence, all);
    pxePort(evidence, all);
    desk(evidence, all);
    evidence.untested().forEach(text -> all.add(note("not tested", text, "")));
    all.sort(Comparator.comparing(Finding::severity));
    return List.copyOf(all);
  }

  private static void services(Evidence evidence, List<Finding> all) {
    ApplianceSettings settings = evidence.settings();
    String where = settings.address().getHostAddress();
    Optional<Outcome> small = tried(evidence, Try.TFTP_SMALL_BLOCKS);
    Optional<Outcome> large = tried(evidence, Try.TFTP_LARGE_BLOCKS);
    String tftp = "UDP port " + settings.ports().tftp() + " of " + where;
    if (failed(small)) {
      all.add(
          fault(
              "no boot program by TFTP",
              tftp + ": " + small.orElseThrow().said(),
              "allow "
                  + tftp
                  + ", and UDP from it to any port, since TFTP answers from a port of its own;"
                  + " see 'nft list ruleset'"));
    } else if (small.isPresent() && failed(large)) {
      all.add(
          fault(
              "large packets get lost",
              "TFTP with blocks of 512 bytes works, with 1468 not: " + large.orElseThrow().said(),
              "give every interface and switch on the way an MTU of 1500; firewalls must let"
                  + " ICMP 'fragmentation needed' pass"));
    }
    Optional<Outcome> http = tried(evidence, Try.HTTP);
    if (failed(http)) {
      all.add(
          fault(
              "no boot program by HTTP",
              "TCP port "
                  + settings.ports().http()
                  + " of "
                  + where
                  + ": "
                  + http.orElseThrow().said(),
              "allow that port; scripts, kernels and reports take this way, too"));
    }
    Optional<Outcome> dns = tried(evidence, Try.DNS);
    if (failed(dns)) {
      all.add(
          fault(
              "no answer by DNS",
              "UDP port " + settings.ports().dns() + ": " + dns.orElseThrow().said(),
              "allow UDP and TCP to that port; leases and nodes name the appliance as their name"
                  + " server"));
    }
    Optional<Outcome> time = tried(evidence, Try.TIME);
    if (failed(time)) {
      all.add(
          warning(
              "nobody is told the time",
              "UDP port " + settings.ports().ntp() + ": " + time.orElseThrow().said(),
              "allow UDP to that port"));
    }
  }

  private static void pxePort(Evidence evidence, List<Finding> all) {
    ApplianceSettings settings = evidence.settings();
    Optional<Outcome> pxe = tried(evidence, Try.PXE_PORT);
    if (failed(pxe)) {
      all.add(
          fault(
              "no boot program by the PXE port",
              "UDP port "
                  + settings.ports().proxyDhcp()
                  + " of "
                  + settings.address().getHostAddress()
                  + ": "
                  + pxe.orElseThrow().said(),
              "see that the appliance alone has that port, and allow UDP to and from it; UEFI"
                  + " firmware asks there for its boot file, and gives up without it (PXE-E55)"));
    }
  }

  private static Optional<Outcome> tried(Evidence evidence, Try service) {
    return Optional.ofNullable(evidence.tries().get(service));
  }

  private static boolean failed(Optional<Outcome> outcome) {
    return outcome.filter(o -> !o.worked()).isPresent();
  }

  private static void desk(Evidence evidence, List<Finding> all) {
    Desk desk = evidence.desk();
    if (desk.state() == Desk.State.NOT_RUNNING) {
      all.add(
          note(
              "no appliance runs",
              "nothing answers for this data folder",
              "'bootserver serve'; ask the doctor again while it runs, to have its answers tried"));
    }
    if (!desk.strangers().isEmpty()) {
      all.add(
          warning(
              "machines ask to boot that are not in the rack file",
              some(desk.strangers()),
              "add those that are yours to nodes; a machine with several cards boots by another"
                  + " one than you wrote"));
    }
    if (!desk.withoutProgram().isEmpty()) {
      all.add(
          warning(
              "machines of an architecture without boot program",
              some(desk.withoutProgram()),
              "put iPXE for it beside the others and name it in firmware.yaml (docs/firmware.md)"));
    }
    List<String> foreign =
        desk.relays().stream()
            .filter(
                relay ->
                    evidence.settings().networks().stream()
                        .noneMatch(network -> network.subnet().contains(relay)))
            .map(Inet4Address::getHostAddress)
            .distinct()
            .toList();
    if (!foreign.isEmpty() && evidence.settings().dhcp() == DhcpMode.SERVER) {
      all.add(
          fault(
              "a relay serves a subnet that the appliance has no addresses for",
              "relay " + some(foreign) + ", none of appliance.networks",
              "add its subnet with a pool to appliance.networks, or let the site's own DHCP server"
                  + " give addresses there"));
    }
    if (!desk.atLoader().isEmpty()) {
      all.add(
          note(
              "nodes are stuck at their boot program",
              some(desk.atLoader()),
              "with Secure Boot on, firmware refuses Debian's unsigned iPXE: switch it off, or give"
                  + " the node a signed program in firmware.yaml"));
    }
  }

  static String some(List<String> names) {
    String first = names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMED;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
