// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code bootserver doctor} among real DHCP servers, on a wire of namespaces: the rack with the
 * running appliance, the site with dnsmasq, and a third one for whoever does not belong there.
 */
@Tag("qemu")
@ExtendWith(QemuFolders.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class DoctorTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String ROGUE = "10.77.0.66";
  private static final Path FOLDER = QemuFolders.logs("doctor");
  private static final Path DATA = FOLDER.resolve("data");
  private static final String ROGUE_SPACE =
      RackNetwork.PREFIX + ProcessHandle.current().pid() + "-66-site";
  private static final List<AutoCloseable> OPEN = new ArrayList<>();

  private static RackNetwork network;

  private record Report(int status, List<String> findings, String text) {}

  @BeforeAll
  static void anApplianceServes() throws Exception {
    QemuFolders.require(Prerequisites.missingForInstaller());
    Folders.empty(FOLDER);
    Files.createDirectories(DATA);
    Files.writeString(
        FOLDER.resolve("rack.yaml"),
        """
        cluster: alpha
        domain: alpha.rack
        profile: debian-12
        appliance: { interface: br0, address: 10.77.0.1/24, dhcp: proxy, time-server: synchronised }
        admin: { user: ops, ssh-keys: ["%s"] }
        nodes: { "52:54:00:aa:00:01": worker }
        """
            .formatted(Racks.SSH_KEY));
    Racks.buildProduct();
    network = RackNetwork.create(Wiring.PROXY_BESIDE_DNSMASQ, 0);
    OPEN.add(network);
    ApplianceProcess appliance =
        new ApplianceProcess(network, QemuFolders.bootserver(), FOLDER, DATA);
    OPEN.add(appliance);
    appliance.start();
    until("the appliance serves", appliance::answers);
    String rack = network.inRack(List.of()).get(3);
    ip("netns", "add", ROGUE_SPACE);
    OPEN.add(() -> ip("netns", "del", ROGUE_SPACE));
    ip(
        "-n",
        rack,
        "link",
        "add",
        "rogue0",
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        ROGUE_SPACE);
    ip("-n", rack, "link", "set", "rogue0", "master", "br0", "up");
    ip("-n", ROGUE_SPACE, "addr", "add", ROGUE + "/24", "dev", "eth0");
    ip("-n", ROGUE_SPACE, "link", "set", "eth0", "up");
  }

  @AfterAll
  static void allIsTakenAway() throws Exception {
    for (AutoCloseable one : OPEN.reversed()) {
      one.close();
    }
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Child.must(command);
  }

  private static void until(String what, java.util.function.BooleanSupplier holds)
      throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.sleep(100);
    }
  }

  private static Report doctor() {
    return doctor(network.inRack(line(FOLDER, DATA)));
  }

  /** On a machine of the site, which can ask the appliance only as machines do. */
  private static Report doctorInSite() {
    List<String> line = line(FOLDER, FOLDER.resolve("nothing"));
    line.addAll(List.of("--interface", "eth0"));
    return doctor(network.inSite(line));
  }

  private static List<String> line(Path rack, Path data) {
    return new ArrayList<>(
        List.of(
            QemuFolders.bootserver().toString(),
            "doctor",
            "--json",
            "--rack",
            rack.resolve("rack.yaml").toString(),
            "--data",
            data.toString()));
  }

  private static Report doctor(List<String> line) {
    Child.Outcome outcome = Child.run(FOLDER.resolve("doctor-errors.log"), LIMIT, line);
    JsonNode json = JsonMapper.shared().readTree(outcome.output());
    List<String> findings = new ArrayList<>();
    for (JsonNode finding : json.get("findings")) {
      findings.add(
          finding.get("severity").asString()
              + " "
              + finding.get("what").asString()
              + ": "
              + finding.get("evidence").asString());
    }
    List<String> lines = new ArrayList<>(findings);
    json.get("tested").forEach(tested -> lines.add("ok: " + tested.asString()));
    return new Report(outcome.status(), findings, String.join("\n", lines));
  }

  private static void assertFinds(String begin, Report report) {
    assertTrue(report.findings().stream().anyMatch(f -> f.startsWith(begin)), report::text);
  }

  /** No other fault than the expected ones hides in the noise. */
  private static void assertFaults(int number, Report report) {
    assertEquals(
        number,
        report.findings().stream().filter(f -> f.startsWith("FAULT")).count(),
        report::text);
    assertEquals(number > 0, report.status() == 3, report::text);
  }

  private static Child inRogue(String name, String... command) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", ROGUE_SPACE));
    line.addAll(List.of(command));
    return Child.start(name, FOLDER.resolve(name + ".log"), line);
  }

  private static void saysSoon(Path log, String word) throws InterruptedException {
    until(
        log + " says " + word,
        () -> {
          try {
            return Files.exists(log) && Files.readString(log).contains(word);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void besideTheSitesDnsmasqNothingIsWrong() {
    try (Site _ = Site.start(network, FOLDER)) {
      Report report = doctor();
      assertFaults(0, report);
      assertFinds("NOTE the site's DHCP server: 10.77.0.2 offers 10.77.0.", report);
      assertTrue(
          report.text().lines().anyMatch(l -> l.matches("ok: pxe port: .* on 10\\.77\\.0\\.1, .*")),
          report::text);
    }
  }

  @Test
  void withoutAnyDhcpServerMachinesGetNoAddress() {
    Report report = doctor();
    assertFaults(1, report);
    assertFinds("FAULT no DHCP server gives addresses", report);
  }

  @Test
  void aSecondServerIsNamedWithWhatItOffers() throws Exception {
    try (Site _ = Site.start(network, FOLDER);
        Child kea = kea("\"next-server\": \"10.77.0.99\", \"boot-file-name\": \"evil.efi\",")) {
      saysSoon(kea.log(), "DHCP4_STARTED");
      Report report = doctor();
      assertFaults(1, report);
      assertFinds(
          "FAULT another server tells machines what to boot: "
              + ROGUE
              + " names evil.efi on 10.77.0.99",
          report);
      assertFinds("WARNING more than one DHCP server gives addresses", report);
      assertTrue(report.text().contains(ROGUE + " offers 10.77.0.15"), report::text);
      assertTrue(report.text().contains("10.77.0.2 offers 10.77.0.1"), report::text);
    }
  }

  private static Child kea(String boot) throws IOException {
    Path folder = Files.createDirectories(FOLDER.resolve("kea"));
    Path configuration = folder.resolve("kea.json");
    Files.writeString(
        configuration,
        """
        { "Dhcp4": {
            "interfaces-config": { "interfaces": [ "eth0" ] },
            "lease-database": { "type": "memfile", "persist": false },
            "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ],
            "subnet4": [ { %s "subnet": "10.77.0.0/24",
                           "pools": [ { "pool": "10.77.0.150 - 10.77.0.159" } ] } ] } }
        """
            .formatted(boot));
    return inRogue(
        "kea",
        "env",
        "KEA_LOCKFILE_DIR=" + folder,
        "KEA_PIDFILE_DIR=" + folder,
        "kea-dhcp4",
        "-c",
        configuration.toString());
  }

  @Test
  void anotherProxyDhcpServerIsNamed() throws Exception {
    try (Site _ = Site.start(network, FOLDER);
        Child proxy =
            inRogue(
                "proxy",
                "dnsmasq",
                "-k",
                "--conf-file=/dev/null",
                "--pid-file=",
                "--port=0",
                "--user=root",
                "--interface=eth0",
                "--bind-interfaces",
                "--dhcp-range=10.77.0.0,proxy",
                "--pxe-service=x86PC,other,other",
                "--pxe-service=X86-64_EFI,other,other.efi",
                "--dhcp-leasefile=" + FOLDER.resolve("proxy.leases"),
                "--log-facility=-")) {
      saysSoon(proxy.log(), "started");
      Report report = doctor();
      assertFaults(1, report);
      assertTrue(
          report.text().contains("FAULT another PXE server answers: " + ROGUE)
              || report
                  .text()
                  .contains("FAULT another server tells machines what to boot: " + ROGUE),
          report::text);
      assertFinds(
          "NOTE another PXE server answers on port 4011: "
              + ROGUE
              + ": other.efi on "
              + ROGUE
              + ", asked as x64 UEFI",
          report);
      nftInRogue("add table ip fbdoctor");
      try {
        nftInRogue("add chain ip fbdoctor in { type filter hook input priority 0; }");
        nftInRogue("add rule ip fbdoctor in udp dport 4011 drop");
        assertFinds(
            "WARNING another PXE server is of no use on port 4011: " + ROGUE + ": no answer",
            doctor());
      } finally {
        nftInRogue("delete table ip fbdoctor");
      }
    }
  }

  private static void nftInRogue(String rule) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", ROGUE_SPACE, "nft"));
    line.addAll(List.of(rule.split(" ", -1)));
    Child.must(line);
  }

  @Test
  void aBlockedPortIsFoundByUsingIt() {
    try (Site _ = Site.start(network, FOLDER)) {
      nft("add table ip fbdoctor");
      nft("add chain ip fbdoctor in { type filter hook input priority 0; }");
      nft("add rule ip fbdoctor in udp dport 69 drop");
      nft("add rule ip fbdoctor in udp dport 123 drop");
      Report report = doctor();
      assertFaults(1, report);
      assertFinds("FAULT no boot program by TFTP: UDP port 69 of 10.77.0.1: no answer", report);
      assertFinds("WARNING nobody is told the time", report);
      nft("flush chain ip fbdoctor in");
      nft("add rule ip fbdoctor in udp dport 4011 drop");
      report = doctor();
      assertFaults(1, report);
      assertFinds(
          "FAULT no boot program by the PXE port: UDP port 4011 of 10.77.0.1: no answer", report);
      nft("flush chain ip fbdoctor in");
      nft("add rule ip fbdoctor in udp dport 67 drop");
      assertFinds("FAULT the appliance does not hear DHCP", doctor());
      nft("flush chain ip fbdoctor in");
      nft("add chain ip fbdoctor out { type filter hook output priority 0; }");
      nft("add rule ip fbdoctor out udp sport 67 drop");
      assertFinds("FAULT the appliance's DHCP answers do not arrive", doctor());
    } finally {
      nft("delete table ip fbdoctor");
    }
  }

  private static void nft(String rule) {
    List<String> line = new ArrayList<>(List.of("nft"));
    line.addAll(List.of(rule.split(" ", -1)));
    Child.must(network.inRack(line));
  }

  @Test
  void fromAnotherMachineAPathThatLosesLargePacketsIsFound() {
    String site = network.inSite(List.of()).get(3);
    try (Site _ = Site.start(network, FOLDER)) {
      Report before = doctorInSite();
      assertFaults(0, before);
      ip("-n", site, "link", "set", "eth0", "mtu", "1400");
      Report report = doctorInSite();
      assertFinds("FAULT large packets get lost", report);
    } finally {
      ip("-n", site, "link", "set", "eth0", "mtu", "1500");
    }
  }

  @Test
  void beforeTheStartTheHolderOfAPortIsNamed() throws Exception {
    Path idle = Files.createDirectories(FOLDER.resolve("idle"));
    String rack = Files.readString(FOLDER.resolve("rack.yaml"));
    Files.writeString(
        idle.resolve("rack.yaml"), rack.replace("dhcp: proxy", "dhcp: off, ports: { dns: 5300 }"));
    Path log = FOLDER.resolve("holder.log");
    try (Site _ = Site.start(network, FOLDER);
        Child _ =
            Child.start(
                "holder",
                log,
                network.inRack(
                    List.of(
                        "dnsmasq",
                        "-k",
                        "--conf-file=/dev/null",
                        "--pid-file=",
                        "--port=5300",
                        "--user=root",
                        "--no-resolv",
                        "--log-facility=-")))) {
      saysSoon(log, "started");
      Report report = doctor(network.inRack(line(idle, idle)));
      assertFinds(
          "FAULT another program has the port of DNS: UDP 5300 of 10.77.0.1: dnsmasq", report);
      assertTrue(report.text().contains("NOTE no appliance runs"), report::text);
    }
  }
}
