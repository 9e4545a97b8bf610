// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.answerfiles.TimeServer;
import foundrybot.appliance.BootAnswers;
import foundrybot.appliance.FirmwareTable;
import foundrybot.appliance.StartException;
import foundrybot.appliance.doctor.DhcpProbe.Kind;
import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.appliance.doctor.Evidence.Host;
import foundrybot.appliance.doctor.Evidence.Link;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Try;
import foundrybot.appliance.doctor.Evidence.Wire;
import foundrybot.bootserver.BindException;
import foundrybot.bootserver.MacAddress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Looks for what keeps machines from booting, from the appliance's machine or from any other on the
 * same network. It sends {@link DhcpProbe#ROUNDS} DISCOVERs for each of six kinds of client and
 * fetches a boot program three times; PXE servers are asked on port 4011. It takes no lease and
 * changes nothing.
 */
public final class Doctor {
  private static final int SMALL_BLOCKS = 512;

  /** What fills an Ethernet frame, and what firmware asks for. */
  private static final int LARGE_BLOCKS = 1468;

  private final RandomGenerator random = new SecureRandom();
  private final Case patient;

  /** As the machines of the network see it where DHCP servers are asked. */
  private final ApplianceSettings settings;

  private final List<String> untested = new ArrayList<>();
  private final List<String> tested = new ArrayList<>();

  /**
   * What is looked at.
   *
   * @param firmware the firmware table in force
   * @param programs where the boot programs lie; empty for Debian's
   * @param data where the appliance keeps its state
   * @param interfaceName where to ask DHCP servers; empty: the one of the rack file
   * @param mac in whose name to ask; empty: one that no machine has
   */
  public record Case(
      RackFile rack,
      FirmwareTable firmware,
      Optional<Path> programs,
      Path data,
      Optional<String> interfaceName,
      Optional<MacAddress> mac) {}

  private Doctor(Case patient) {
    this.patient = patient;
    this.settings = seenFrom(patient);
  }

  /** With the appliance's address in the network of the interface, where the rack file says so. */
  private static ApplianceSettings seenFrom(Case patient) {
    ApplianceSettings all = patient.rack().appliance();
    List<RackNetwork> networks = all.networks();
    return all.seenFrom(
        networks.stream()
            .filter(network -> network.address().isPresent())
            .filter(network -> patient.interfaceName().isPresent())
            .filter(network -> network.interfaceName().equals(patient.interfaceName()))
            .findFirst()
            .orElse(networks.getFirst()));
  }

  /** Looks for some seconds. */
  public static Report examine(Case patient, FrontDesk desk, Clock clock)
      throws InterruptedException {
    return new Doctor(patient).examine(desk, clock);
  }

  private Report examine(FrontDesk frontDesk, Clock clock) throws InterruptedException {
    Optional<Host> host = host(clock);
    if (host.isEmpty()) {
      untested.add(
          "this machine has not the appliance's address, so its interface, ports and clock were"
              + " not looked at; run the doctor there, too");
    }
    MacAddress mac = patient.mac().orElseGet(() -> DhcpProbe.anyMac(random));
    FrontDesk.Visit visit = host.isPresent() ? frontDesk.arrive(mac) : FrontDesk.Visit.ELSEWHERE;
    Optional<Wire> wire = wire(host, mac);
    Desk desk = visit.leave();
    String programFault = "";
    String program = "snponly.efi";
    try {
      program = BootAnswers.of(patient.rack(), patient.firmware(), patient.programs()).aProgram();
    } catch (StartException e) {
      programFault = String.valueOf(e.getMessage());
    }
    // Elsewhere the appliance may be running, and is asked as a machine asks it.
    Map<Try, Outcome> tries =
        desk.state() == Desk.State.NOT_RUNNING ? new EnumMap<>(Try.class) : tries(program, mac);
    PxeProbe pxe = new PxeProbe(mac, random);
    if (desk.state() != Desk.State.NOT_RUNNING && settings.dhcp() != DhcpMode.OFF) {
      pxePort(pxe, wire, desk).ifPresent(outcome -> tries.put(Try.PXE_PORT, outcome));
    }
    Map<Inet4Address, Outcome> others =
        wire.map(w -> pxe.others(w, settings.address())).orElseGet(Map::of);
    // On another machine the boot programs need not lie.
    return report(
        new Evidence(
            settings,
            wire,
            host,
            tries,
            others,
            desk,
            host.isPresent() ? programFault : "",
            untested));
  }

  private Report report(Evidence evidence) {
    evidence
        .tries()
        .forEach(
            (service, outcome) -> {
              if (outcome.worked()) {
                String name = service.name().toLowerCase(Locale.ROOT).replace('_', ' ');
                tested.add(name + ": " + outcome.said());
              }
            });
    evidence
        .wire()
        .ifPresent(
            wire ->
                tested.add(
                    "DHCP servers asked on "
                        + wire.interfaceName()
                        + ": "
                        + wire.offers().stream().map(Evidence.Offer::server).distinct().count()
                        + " answered"));
    return new Report(
        tested.stream().sorted().toList(),
        Judgement.of(evidence),
        evidence.wire().stream()
            .flatMap(wire -> wire.offers().stream())
            .map(Report.Offered::of)
            .toList());
  }

  /** Empty if another machine has the appliance's address; a missing address is still this one. */
  private Optional<Host> host(Clock clock) {
    try {
      Host host = new HostProbe(Path.of("/proc"), patient.data()).look(clock.instant());
      boolean elsewhere =
          patient.interfaceName().isPresent()
              && !patient.interfaceName().equals(settings.interfaceName())
              && carrying(host).isEmpty();
      return elsewhere ? Optional.empty() : Optional.of(host);
    } catch (IOException e) {
      untested.add("the system's state could not be read: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Link> carrying(Host host) {
    return host.links().stream()
        .filter(
            link -> link.addresses().stream().anyMatch(c -> c.address().equals(settings.address())))
        .findFirst();
  }

  private Optional<Wire> wire(Optional<Host> host, MacAddress mac) throws InterruptedException {
    Optional<String> name =
        patient
            .interfaceName()
            .or(settings::interfaceName)
            .or(() -> host.flatMap(h -> carrying(h)).map(Link::name));
    if (name.isEmpty()) {
      untested.add("no interface to ask DHCP servers on; name one with --interface");
      return Optional.empty();
    }
    try {
      return Optional.of(DhcpProbe.ask(name.get(), mac, random));
    } catch (BindException e) {
      untested.add("no DHCP server was asked: " + e.getMessage());
      return Optional.empty();
    } catch (RuntimeException e) {
      untested.add("no DHCP server was asked on " + name.get() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Nothing, where the appliance need not answer the one in whose name is asked. */
  private Optional<Outcome> pxePort(PxeProbe probe, Optional<Wire> wire, Desk desk) {
    Optional<Kind> offered = wire.flatMap(w -> PxeProbe.ownKind(w, settings.address()));
    if (offered.isEmpty() && desk.state() != Desk.State.RUNNING) {
      untested.add(
          "the appliance's port "
              + settings.ports().proxyDhcp()
              + " was not asked: it answers machines of the rack file alone, and no offer of it"
              + " was heard here; name a machine with --mac");
      return Optional.empty();
    }
    return Optional.of(
        probe.ask(
            settings.address(), settings.ports().proxyDhcp(), offered.orElse(DhcpProbe.UEFI)));
  }

  private Map<Try, Outcome> tries(String program, MacAddress mac) {
    ServiceProbe probe = new ServiceProbe(settings.address());
    Map<Try, Outcome> tries = new EnumMap<>(Try.class);
    int tftp = settings.ports().tftp();
    Outcome small = probe.tftp(tftp, program, SMALL_BLOCKS);
    tries.put(Try.TFTP_SMALL_BLOCKS, small);
    if (small.worked()) {
      tries.put(Try.TFTP_LARGE_BLOCKS, probe.tftp(tftp, program, LARGE_BLOCKS));
    }
    String host = settings.address().getHostAddress() + ":" + settings.ports().http();
    tries.put(
        Try.HTTP,
        probe.http(URI.create("http://" + host + "/program/" + mac.hyphenated() + "/" + program)));
    if (settings.dnsServer()) {
      tries.put(Try.DNS, probe.dns(settings.ports().dns(), patient.rack().domain(), random));
    }
    if (settings.timeServer() != TimeServer.OFF) {
      tries.put(Try.TIME, probe.time(settings.ports().ntp()));
    }
    return tries;
  }
}
