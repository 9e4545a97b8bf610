// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static foundrybot.appliance.doctor.Finding.fault;
import static foundrybot.appliance.doctor.Finding.note;
import static foundrybot.appliance.doctor.Finding.warning;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.appliance.doctor.DhcpProbe.Kind;
import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.appliance.doctor.Evidence.Offer;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Wire;
import foundrybot.bootserver.Architecture;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the answers of DHCP servers mean for machines that boot. */
final class WireJudgement {
  private static final Pattern BIOS_PROGRAM = Pattern.compile("(?i).*\\.(k*pxe|0|com)");
  private static final Pattern UEFI_PROGRAM = Pattern.compile("(?i).*\\.efi");

  private final ApplianceSettings settings;
  private final Desk desk;
  private final Wire wire;
  private final List<Finding> found = new ArrayList<>();

  private WireJudgement(Evidence evidence, Wire wire) {
    this.settings = evidence.settings();
    this.desk = evidence.desk();
    this.wire = wire;
  }

  static List<Finding> of(Evidence evidence, Wire wire) {
    WireJudgement judgement = new WireJudgement(evidence, wire);
    judgement.addresses();
    judgement.others();
    evidence.pxeServers().forEach(judgement::pxePort);
    judgement.own();
    return judgement.found;
  }

  private boolean isOwn(Offer offer) {
    return offer.server().equals(settings.address()) || offer.from().equals(settings.address());
  }

  private void own() {
    List<Offer> own = wire.offers().stream().filter(this::isOwn).toList();
    if (own.isEmpty()) {
      missing();
      return;
    }
    for (Offer offer : own) {
      if (!offer.from().equals(settings.address()) || !offer.server().equals(settings.address())) {
        found.add(
            fault(
                "the appliance answers from another address than it names",
                "from "
                    + text(offer.from())
                    + ", option 54 "
                    + text(offer.server())
                    + " (expected: "
                    + text(settings.address())
                    + ")",
                "see whether a firewall rewrites addresses (masquerade, SNAT); firmware drops such"
                    + " answers"));
        return;
      }
    }
  }

  private void missing() {
    if (desk.state() != Desk.State.RUNNING || settings.dhcp() == DhcpMode.OFF) {
      return;
    }
    String asked = "asked on " + wire.interfaceName() + ", " + wire.seconds() + " s";
    found.add(
        desk.heardProbe()
            ? fault(
                "the appliance's DHCP answers do not arrive",
                asked + "; the appliance heard it and answered",
                "allow UDP from port "
                    + settings.ports().dhcp()
                    + " to port "
                    + settings.ports().dhcpClient()
                    + ", also to 255.255.255.255; see 'nft list ruleset'")
            : fault(
                "the appliance does not hear DHCP",
                asked + "; the appliance heard nothing",
                "allow UDP port "
                    + settings.ports().dhcp()
                    + " from 0.0.0.0 to 255.255.255.255 on "
                    + wire.interfaceName()
                    + ", and see that appliance.interface is the one that faces the machines"));
  }

  private void addresses() {
    Map<Inet4Address, List<Offer>> servers = new LinkedHashMap<>();
    wire.offers().stream()
        .filter(Offer::givesAddress)
        .forEach(o -> servers.computeIfAbsent(o.server(), _ -> new ArrayList<>()).add(o));
    String asked =
        "asked on " + wire.interfaceName() + " and listened for " + wire.seconds() + " s";
    boolean server = settings.dhcp() == DhcpMode.SERVER;
    if (servers.isEmpty() && !server) {
      found.add(
          fault(
              "no DHCP server gives addresses",
              asked,
              "start the site's DHCP server on this VLAN; where it is behind a router, let a relay"
                  + " (ip helper-address) lead to it; or let the appliance give addresses"
                  + " ('dhcp: server')"));
    }
    List<String> others =
        servers.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(settings.address()))
            .map(entry -> describe(entry.getKey(), entry.getValue()))
            .toList();
    if (server && !others.isEmpty()) {
      found.add(
          fault(
              "another DHCP server gives addresses beside the appliance",
              String.join("; ", others),
              "switch it off for these machines, or leave addresses to it ('dhcp: proxy')"));
    } else if (!settings.siteServers().isEmpty()) {
      besideNamed(servers);
    } else if (others.size() > 1) {
      found.add(
          warning(
              "more than one DHCP server gives addresses",
              String.join("; ", others),
              "switch off the one that is not the site's; if all are, as a failover pair is, name"
                  + " them in the rack file (appliance.site-servers)"));
    } else if (!others.isEmpty()) {
      found.add(note("the site's DHCP server", others.getFirst(), ""));
    }
  }

  /** The rack file says which servers are meant to be there. */
  private void besideNamed(Map<Inet4Address, List<Offer>> servers) {
    List<String> rivals = new ArrayList<>();
    List<String> named = new ArrayList<>();
    servers.forEach(
        (server, offers) -> {
          if (!server.equals(settings.address())) {
            (settings.siteServers().contains(server) ? named : rivals)
                .add(describe(server, offers));
          }
        });
    String site = "site's: " + settings.siteServers().stream().map(WireJudgement::text).toList();
    if (!rivals.isEmpty()) {
      found.add(
          fault(
              "a DHCP server that is not the site's gives addresses",
              String.join("; ", rivals) + " (" + site + ")",
              "switch it off for these machines: who takes its offer does not boot from the"
                  + " appliance; the switch's table shows at which port it is. If it is the"
                  + " site's, name it in appliance.site-servers"));
    }
    if (named.isEmpty() && !rivals.isEmpty()) {
      found.add(
          warning(
              "no DHCP server of the site's gives addresses",
              site,
              "start it on this VLAN, or mend its relay (ip helper-address) or"
                  + " appliance.site-servers"));
    }
    named.forEach(server -> found.add(note("the site's DHCP server", server, "")));
  }

  /** Firmware takes the first answer that names a file, whoever it is from. */
  private void others() {
    Map<Inet4Address, List<Offer>> naming = new LinkedHashMap<>();
    wire.offers().stream()
        .filter(offer -> !isOwn(offer))
        .filter(offer -> !offer.file().isEmpty() || offer.saysPxe())
        .forEach(o -> naming.computeIfAbsent(o.server(), _ -> new ArrayList<>()).add(o));
    naming.forEach(
        (server, offers) -> {
          Optional<Offer> file = offers.stream().filter(o -> !o.file().isEmpty()).findFirst();
          if (file.isPresent() && leadsHere(file.get())) {
            found.add(sendsHere(server, file.get(), offers));
          } else if (file.isPresent()) {
            found.add(
                fault(
                    "another server tells machines what to boot",
                    text(server) + " names " + file.get().named() + ", asked " + as(offers),
                    "take boot file and next-server out of its settings for these machines, or set"
                        + " them to the appliance's ('bootserver snippet')"));
          } else if (offers.stream().anyMatch(o -> !o.givesAddress())) {
            found.add(
                fault(
                    "another PXE server answers",
                    text(server) + " sends a ProxyDHCP offer, asked " + as(offers),
                    "switch it off for these machines: firmware asks one of the two on port 4011,"
                        + " and not always the appliance"));
          } else {
            found.add(
                warning(
                    "the DHCP server says that it is a PXE server, too",
                    text(server) + " sends option 60 PXEClient without a boot file",
                    "take option 60 out of its settings: firmware asks it on port 4011, and not the"
                        + " appliance"));
          }
        });
  }

  /** A server that knows one file for all sends some machines a program that they cannot run. */
  private static Finding sendsHere(Inet4Address server, Offer one, List<Offer> offers) {
    String wrong =
        offers.stream()
            .filter(WireJudgement::isOfAnotherFirmware)
            .map(offer -> offer.file() + " to " + offer.asked())
            .distinct()
            .collect(Collectors.joining("; "));
    return wrong.isEmpty()
        ? note(
            "another DHCP server sends machines to the appliance",
            text(server) + " names " + one.named(),
            "")
        : fault(
            "the DHCP server names a boot file of another architecture",
            text(server) + " names " + wrong,
            "let it choose by option 93 ('bootserver snippet' prints how); where it knows one file"
                + " only, let it name none, and the appliance will");
  }

  /** By the name, which is all there is. */
  private static boolean isOfAnotherFirmware(Offer offer) {
    Optional<Architecture> asked =
        DhcpProbe.KINDS.stream()
            .filter(kind -> kind.name().equals(offer.asked()) && !kind.ipxe())
            .findFirst()
            .flatMap(Kind::architecture);
    boolean bios = asked.filter(a -> a.firmware() == Architecture.Firmware.BIOS_X86).isPresent();
    return asked.isPresent()
        && (bios
            ? UEFI_PROGRAM.matcher(offer.file()).matches()
            : BIOS_PROGRAM.matcher(offer.file()).matches());
  }

  /** Whether a server should be there at all is said of its offers. */
  private void pxePort(Inet4Address server, Outcome outcome) {
    found.add(
        outcome.worked()
            ? note(
                "another PXE server answers on port 4011", text(server) + ": " + outcome.said(), "")
            : warning(
                "another PXE server is of no use on port 4011",
                text(server) + ": " + outcome.said(),
                "switch its PXE service off, or allow UDP to and from that port: firmware that"
                    + " takes its offer asks there, and gives up (PXE-E55)"));
  }

  private boolean leadsHere(Offer offer) {
    return offer.nextServer().equals(settings.address())
        || offer.file().contains("//" + text(settings.address()) + "/")
        || offer.file().contains("//" + text(settings.address()) + ":");
  }

  private static String describe(Inet4Address server, List<Offer> offers) {
    Offer first = offers.getFirst();
    return text(server)
        + " offers "
        + text(first.address())
        + " for "
        + first.leaseSeconds()
        + " s"
        + (first.from().equals(server) ? "" : " (answer came from " + text(first.from()) + ")");
  }

  private static String as(List<Offer> offers) {
    return "as "
        + offers.stream().map(Offer::asked).collect(Collectors.toCollection(TreeSet::new)).stream()
            .collect(Collectors.joining("; "));
  }

  private static String text(Inet4Address address) {
    return address.getHostAddress();
  }
}
