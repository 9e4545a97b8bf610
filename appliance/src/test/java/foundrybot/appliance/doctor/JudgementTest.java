// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.doctor.Evidence.ClockState;
import foundrybot.appliance.doctor.Evidence.Desk;
import foundrybot.appliance.doctor.Evidence.Folder;
import foundrybot.appliance.doctor.Evidence.Host;
import foundrybot.appliance.doctor.Evidence.Link;
import foundrybot.appliance.doctor.Evidence.Listener;
import foundrybot.appliance.doctor.Evidence.Offer;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Try;
import foundrybot.appliance.doctor.Evidence.Wire;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgementTest {
  private static final String OWN = "10.77.0.1";
  private static final String SITE = "10.77.0.2";
  private static final String ROGUE = "10.77.0.66";
  private static final long SELF = 700;

  /** An appliance of which nothing is wrong, to be changed in one respect. */
  private static final class Patient {
    private String appliance = "interface: eth0";
    private List<Offer> offers = new ArrayList<>(List.of(lease(SITE), proxy(OWN)));
    private Link link = new Link("eth0", true, true, 1500, List.of(cidr(OWN + "/24")));
    private final List<Listener> listeners = new ArrayList<>();
    private Optional<Long> buffer = Optional.of(4L << 20);
    private ClockState clock = ClockState.SET;
    private Folder folder = new Folder("/var/lib/foundrybot", true, 20L << 30);
    private Map<Try, Outcome> tries = Map.of(Try.HTTP, new Outcome(true, ""));
    private Map<Inet4Address, Outcome> pxeServers = Map.of();
    private Desk desk = desk(true, List.of(), List.of(), List.of(), List.of());
    private String programFault = "";

    Patient() {
      for (int port : new int[] {67, 4011, 69, 53, 123, 514}) {
        listeners.add(new Listener("udp", OWN, port, SELF, "java"));
      }
      listeners.add(new Listener("tcp", OWN, 80, SELF, "java"));
      listeners.add(new Listener("tcp", OWN, 53, SELF, "java"));
    }

    List<Finding> findings() {
      return Judgement.of(
          new Evidence(
              settings(appliance),
              Optional.of(new Wire("eth0", 4, offers)),
              Optional.of(new Host(List.of(link), listeners, buffer, clock, Optional.of(folder))),
              tries,
              pxeServers,
              desk,
              programFault,
              List.of()));
    }

    /** All but the note that names the site's server. */
    List<String> lines() {
      return findings().stream()
          .filter(f -> !f.what().equals("the site's DHCP server"))
          .map(f -> f.severity() + " " + f.what())
          .toList();
    }
  }

  private static ApplianceSettings settings(String appliance) {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24, %s }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s tests"] }
        nodes: { "52:54:00:00:00:01": worker }
        """
            .formatted(appliance, "A".repeat(43));
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack().appliance();
      case RackReading.Invalid invalid ->
          throw new AssertionError(RackFiles.report(invalid.faults()));
    };
  }

  private static Cidr cidr(String text) {
    return Cidr.parse(text).orElseThrow();
  }

  private static Inet4Address ip(String text) {
    return Inet4Address.ofLiteral(text);
  }

  private static Offer offer(
      String from, String server, String address, String next, String file, String vendorClass) {
    return new Offer(
        "x64 UEFI", ip(from), ip(server), ip(address), ip(next), file, vendorClass, "", 3600);
  }

  private static Offer as(String kind, String file) {
    return new Offer(kind, ip(SITE), ip(SITE), ip("10.77.0.100"), ip(OWN), file, "", "", 3600);
  }

  private static Offer lease(String server) {
    return offer(server, server, "10.77.0.100", "0.0.0.0", "", "");
  }

  private static Offer proxy(String server) {
    return offer(server, server, "0.0.0.0", server, "x/snponly.efi", "PXEClient");
  }

  private static Desk desk(
      boolean heard,
      List<String> strangers,
      List<Inet4Address> relays,
      List<String> without,
      List<String> atLoader) {
    return new Desk(Desk.State.RUNNING, heard, strangers, relays, without, atLoader);
  }

  private static void assertFinds(String line, Patient patient) {
    assertEquals(List.of(line), patient.lines());
    Finding finding =
        patient.findings().stream()
            .filter(f -> line.equals(f.severity() + " " + f.what()))
            .findFirst()
            .orElseThrow();
    assertTrue(!finding.evidence().isBlank(), line);
  }

  @Test
  void nothingIsWrongWithAHealthyAppliance() {
    assertEquals(List.of(), new Patient().lines());
    assertEquals(0, new Report(List.of(), new Patient().findings(), List.of()).exitStatus());
  }

  @Test
  void noServerGivesAddresses() {
    Patient patient = new Patient();
    patient.offers = List.of(proxy(OWN));
    assertFinds("FAULT no DHCP server gives addresses", patient);
    assertEquals(3, new Report(List.of(), patient.findings(), List.of()).exitStatus());
  }

  @Test
  void twoServersGiveAddresses() {
    Patient patient = new Patient();
    patient.offers.add(lease(ROGUE));
    assertFinds("WARNING more than one DHCP server gives addresses", patient);
    assertEquals(2, new Report(List.of(), patient.findings(), List.of()).exitStatus());
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains(ROGUE + " offers 10.77.0.100 for 3600 s"), text);
  }

  @Test
  void aServerThatTheRackFileDoesNotNameIsNoneOfTheSites() {
    Patient patient = new Patient();
    patient.appliance = "site-servers: [" + SITE + ", 10.77.0.3]";
    patient.offers.add(lease("10.77.0.3"));
    assertEquals(List.of(), patient.lines());
    patient.offers.add(lease(ROGUE));
    assertFinds("FAULT a DHCP server that is not the site's gives addresses", patient);
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains("seen: " + ROGUE + " offers 10.77.0.100 for 3600 s (site's: ["), text);
    patient.offers = new ArrayList<>(List.of(proxy(OWN), lease(ROGUE)));
    assertEquals(
        List.of(
            "FAULT a DHCP server that is not the site's gives addresses",
            "WARNING no DHCP server of the site's gives addresses"),
        patient.lines());
  }

  @Test
  void anotherServerStandsBesideOneThatGivesAddressesItself() {
    Patient patient = new Patient();
    patient.appliance = "interface: eth0, dhcp: server, pool: 10.77.0.100-10.77.0.110";
    patient.offers =
        List.of(offer(OWN, OWN, "10.77.0.101", OWN, "x/snponly.efi", ""), lease(ROGUE));
    assertFinds("FAULT another DHCP server gives addresses beside the appliance", patient);
    patient.offers = patient.offers.subList(0, 1);
    assertEquals(List.of(), patient.lines());
  }

  @Test
  void anotherServerNamesABootFile() {
    Patient patient = new Patient();
    patient.offers = List.of(offer(SITE, SITE, "10.77.0.100", ROGUE, "pxelinux.0", ""), proxy(OWN));
    assertFinds("FAULT another server tells machines what to boot", patient);
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains(SITE + " names pxelinux.0 on " + ROGUE), text);
  }

  @Test
  void theSitesServerMaySendMachinesHere() {
    for (Offer snippet :
        List.of(
            offer(SITE, SITE, "10.77.0.100", OWN, "snponly.efi", ""),
            offer(SITE, SITE, "10.77.0.100", "0.0.0.0", "http://10.77.0.1/boot/x", ""))) {
      Patient patient = new Patient();
      patient.offers = List.of(snippet, proxy(OWN));
      assertFinds("NOTE another DHCP server sends machines to the appliance", patient);
    }
  }

  @Test
  void aServerThatNamesOneFileForAllNamesOneThatSomeMachinesCannotRun() {
    Patient patient = new Patient();
    patient.offers =
        List.of(
            as("x86 BIOS", "undionly.kpxe"),
            as("x64 UEFI", "undionly.kpxe"),
            as("iPXE on x64 UEFI", "undionly.kpxe"),
            proxy(OWN));
    assertFinds("FAULT the DHCP server names a boot file of another architecture", patient);
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains(SITE + " names undionly.kpxe to x64 UEFI\n"), text);
    patient.offers = List.of(as("x86 BIOS", "x/ipxe.efi"), proxy(OWN));
    assertFinds("FAULT the DHCP server names a boot file of another architecture", patient);
    patient.offers =
        List.of(as("x86 BIOS", "undionly.kpxe"), as("x64 UEFI", "ipxe.efi"), proxy(OWN));
    assertFinds("NOTE another DHCP server sends machines to the appliance", patient);
  }

  @Test
  void anotherPxeServerAnswers() {
    Patient patient = new Patient();
    patient.offers.add(offer(ROGUE, ROGUE, "0.0.0.0", ROGUE, "", "PXEClient"));
    assertFinds("FAULT another PXE server answers", patient);
    patient.offers =
        List.of(offer(SITE, SITE, "10.77.0.100", "0.0.0.0", "", "PXEClient"), proxy(OWN));
    assertFinds("WARNING the DHCP server says that it is a PXE server, too", patient);
  }

  @Test
  void whatAnotherPxeServerSaysOnItsPortIsShown() {
    Patient patient = new Patient();
    patient.pxeServers = Map.of(ip(ROGUE), new Outcome(true, "other.efi on " + ROGUE));
    assertFinds("NOTE another PXE server answers on port 4011", patient);
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains(ROGUE + ": other.efi on " + ROGUE), text);
    patient.pxeServers = Map.of(ip(ROGUE), new Outcome(false, "no answer in 4.5 s"));
    assertFinds("WARNING another PXE server is of no use on port 4011", patient);
    text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains(ROGUE + ": no answer in 4.5 s"), text);
  }

  @Test
  void ourOwnAnswerIsMissing() {
    Patient patient = new Patient();
    patient.offers = List.of(lease(SITE));
    assertFinds("FAULT the appliance's DHCP answers do not arrive", patient);
    patient.desk = desk(false, List.of(), List.of(), List.of(), List.of());
    assertFinds("FAULT the appliance does not hear DHCP", patient);
    patient.appliance = "interface: eth0, dhcp: off";
    assertEquals(List.of(), patient.lines());
  }

  @Test
  void ourAnswerComesFromAnotherAddress() {
    Patient patient = new Patient();
    patient.offers =
        List.of(lease(SITE), offer(ROGUE, OWN, "0.0.0.0", OWN, "x/snponly.efi", "PXEClient"));
    assertFinds("FAULT the appliance answers from another address than it names", patient);
  }

  @Test
  void aPortIsTakenOrClosed() {
    Patient patient = new Patient();
    patient.listeners.removeIf(l -> l.port() == 69);
    assertFinds("FAULT the appliance does not listen for TFTP", patient);
    patient.listeners.add(new Listener("udp", "0.0.0.0", 69, 42, "in.tftpd"));
    assertFinds("FAULT another program has the port of TFTP", patient);
    String text = new Report(List.of(), patient.findings(), List.of()).text();
    assertTrue(text.contains("UDP 69 of 10.77.0.1: in.tftpd (process 42)"), text);

    Patient beside = new Patient();
    beside.listeners.add(new Listener("udp", "0.0.0.0", 67, 42, "dnsmasq"));
    assertFinds("WARNING another program has the port of DHCP, too", beside);
    beside.listeners.set(8, new Listener("udp", "192.168.122.1", 67, 42, "dnsmasq"));
    assertEquals(List.of(), beside.lines());
  }

  @Test
  void beforeTheStartATakenPortIsAFaultAndAClosedOneIsNot() {
    Patient patient = new Patient();
    patient.desk =
        new Desk(Desk.State.NOT_RUNNING, false, List.of(), List.of(), List.of(), List.of());
    patient.offers = List.of(lease(SITE));
    patient.listeners.clear();
    assertFinds("NOTE no appliance runs", patient);
    patient.listeners.add(new Listener("tcp", "0.0.0.0", 53, 0, ""));
    assertEquals(
        List.of("FAULT another program has the port of DNS", "NOTE no appliance runs"),
        patient.lines());
  }

  @Test
  void theInterfaceIsNotAsTheRackFileSays() {
    Patient patient = new Patient();
    patient.link = new Link("eth0", false, false, 1500, List.of(cidr(OWN + "/24")));
    assertFinds("FAULT the interface is down", patient);
    patient.link = new Link("eth0", true, false, 1500, List.of(cidr(OWN + "/24")));
    assertFinds("FAULT the interface has no carrier", patient);
    patient.link = new Link("eth0", true, true, 1400, List.of(cidr(OWN + "/24")));
    assertFinds("WARNING the interface's MTU is small", patient);
    patient.link = new Link("eth0", true, true, 1500, List.of(cidr(OWN + "/16")));
    assertFinds("FAULT the subnet's size is another one than the rack file says", patient);
    patient.link = new Link("eth0", true, true, 1500, List.of());
    assertFinds("FAULT no interface has the appliance's address", patient);
    patient.link = new Link("eth1", true, true, 1500, List.of(cidr(OWN + "/24")));
    assertFinds("FAULT the interface is missing", patient);
  }

  @Test
  void theSystemIsNotReady() {
    Patient patient = new Patient();
    patient.buffer = Optional.of(212_992L);
    assertFinds("WARNING sockets get small receive buffers", patient);
    patient.buffer = Optional.empty();
    patient.clock = ClockState.NOT_SET;
    assertFinds("WARNING no time server sets this machine's clock", patient);
    patient.clock = ClockState.UNKNOWN;
    patient.programFault = "/usr/lib/ipxe/snponly.efi: no such file";
    assertFinds("FAULT boot programs cannot be used", patient);
  }

  @Test
  void theDiskOfTheApplianceIsFullOrReadOnly() {
    Patient patient = new Patient();
    patient.folder = new Folder("/var/lib/foundrybot", true, 900L << 20);
    assertFinds("WARNING the appliance's disk is nearly full", patient);
    patient.folder = new Folder("/var/lib/foundrybot", true, 255L << 20);
    assertFinds("FAULT the appliance's disk is full", patient);
    patient.folder = new Folder("/var/lib/foundrybot", false, 20L << 30);
    assertFinds("FAULT the appliance's disk is read-only", patient);
  }

  @Test
  void servicesDoNotAnswer() {
    Outcome lost = new Outcome(false, "no answer in 4.5 s");
    Outcome well = new Outcome(true, "");
    Patient patient = new Patient();
    patient.tries = Map.of(Try.TFTP_SMALL_BLOCKS, lost);
    assertFinds("FAULT no boot program by TFTP", patient);
    patient.tries = Map.of(Try.TFTP_SMALL_BLOCKS, well, Try.TFTP_LARGE_BLOCKS, lost);
    assertFinds("FAULT large packets get lost", patient);
    patient.tries = Map.of(Try.PXE_PORT, lost);
    assertFinds("FAULT no boot program by the PXE port", patient);
    assertTrue(patient.findings().getFirst().evidence().startsWith("UDP port 4011 of " + OWN));
    patient.tries = Map.of(Try.HTTP, lost);
    assertFinds("FAULT no boot program by HTTP", patient);
    patient.tries = Map.of(Try.DNS, lost);
    assertFinds("FAULT no answer by DNS", patient);
    patient.tries = Map.of(Try.TIME, lost);
    assertFinds("WARNING nobody is told the time", patient);
  }

  @Test
  void theApplianceHasSeenWhatTheRackFileDoesNotKnow() {
    Patient patient = new Patient();
    patient.desk = desk(true, List.of("52:54:00:00:00:99"), List.of(), List.of(), List.of());
    assertFinds("WARNING machines ask to boot that are not in the rack file", patient);
    patient.desk = desk(true, List.of(), List.of(), List.of("11 (uefi-arm64)"), List.of());
    assertFinds("WARNING machines of an architecture without boot program", patient);
    patient.desk = desk(true, List.of(), List.of(), List.of(), List.of("w1"));
    assertFinds("NOTE nodes are stuck at their boot program", patient);
    patient.desk =
        desk(true, List.of(), List.of(ip("10.78.0.1"), ip("10.77.0.254")), List.of(), List.of());
    assertEquals(List.of(), patient.lines(), "beside the site's server relays are its concern");
    patient.appliance = "interface: eth0, dhcp: server, pool: 10.77.0.100-10.77.0.110";
    patient.offers = List.of(offer(OWN, OWN, "10.77.0.101", OWN, "x/snponly.efi", ""));
    assertFinds("FAULT a relay serves a subnet that the appliance has no addresses for", patient);
  }

  @Test
  void theDeskReadsRelaysAndArchitecturesOutOfEventsButNotThoseOfTheProbe() {
    Desk desk =
        FrontDesk.desk(
            new FrontDesk.Seen(Map.of(), List.of(), Map.of("w1", "bootloader", "w2", "dhcp")),
            true,
            List.of(
                "arch=7 (uefi-x64) program=FIRMWARE relay=10.78.0.1",
                "w3: no boot program for architecture 11 (uefi-arm64)",
                "probe of the operator: no boot program for architecture 27 (uefi-riscv64)"));
    assertEquals(List.of(ip("10.78.0.1")), desk.relays());
    assertEquals(List.of("11 (uefi-arm64)"), desk.withoutProgram());
    assertEquals(List.of("w1"), desk.atLoader());
  }
}
