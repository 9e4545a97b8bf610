// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.answerfiles.mesh.BundleSigner;
import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.Erasure;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.hardware.Inventory;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.page.ReportPage;
import foundrybot.appliance.report.ClusterReport.Again;
import foundrybot.appliance.report.ClusterReport.Artifact;
import foundrybot.appliance.report.ClusterReport.Deed;
import foundrybot.appliance.report.ClusterReport.Found;
import foundrybot.appliance.report.ClusterReport.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChronicleTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String DIGEST = "ab".repeat(32);
  private static final String COMMAND = "0123456789abcdef-1";

  private final List<Fact> facts = new ArrayList<>();
  private Instant now = START;

  private static RackFile rack(String rest) {
    String text =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/16 }
        admin:
          user: ops
          ssh-keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me
        """
            + rest;
    return switch (RackFiles.read(text, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new IllegalStateException(RackFiles.report(invalid.faults()));
    };
  }

  private static final RackFile TWO =
      rack(
          """
          phases:
            etcd: { roles: [etcd], deadline: 10m, checks: { client: { port: 2379 on wg1 } } }
            workers: { roles: [worker] }
          mesh: { planes: { control: 10.80.1.0/24 } }
          nodes:
            52:54:00:aa:00:01: { role: etcd, name: e1, address: 10.77.0.11 }
            52:54:00:aa:00:02: { role: worker, name: w1, address: 10.77.0.12 }
          """);

  private void happens(String mac, String kind, String detail) {
    facts.add(new Fact(now, mac, kind, detail));
  }

  private void later(int seconds) {
    now = now.plus(Duration.ofSeconds(seconds));
  }

  private static final Inspection INSPECTED =
      new Inspection(
          "2026-11-24T09:00:00Z",
          new Inventory(
              "uefi",
              "",
              "S1",
              "Acme",
              "R1",
              4,
              "a CPU",
              8L << 30,
              List.of(new Inventory.Disk("sda", 1L << 40, "M", "Z9", false, false, false)),
              List.of(new Inventory.Nic("eth0", "52:54:00:aa:00:01", "virtio_net", true))));

  private static final Erased ERASED =
      new Erased(
          "2026-11-24T09:10:00Z",
          "",
          new Erasure(
              "whole",
              List.of(
                  new Erasure.Disk("sda", "Z9", "M", 1L << 40, "zeroes", 1L << 40, 0, 60, ""))));

  @Test
  void whatAMachineIsMadeOfAndProvedIsInTheRecordAndOnItsPage() {
    ClusterReport report = report(TWO);
    assertEquals(List.of(INSPECTED), member(report, "e1").inspected());
    assertEquals(List.of(ERASED), member(report, "e1").erased());
    assertEquals(List.of(), member(report, "w1").inspected());
    assertEquals(List.of(), member(report, "w1").erased());
    String page = ReportPage.of(report, new SignedReport("{}", ""));
    assertTrue(page.contains("Disks, as it said at 2026-11-24T09:00:00Z"), page);
    assertTrue(page.contains("<td>sda</td><td>1 TiB</td><td>M</td><td>Z9</td>"), page);
    assertTrue(page.contains("Last erasure, reported at 2026-11-24T09:10:00Z; proved"), page);
    assertTrue(page.contains("<td>1099511627776</td><td>0</td><td>60 s</td>"), page);
  }

  private ClusterReport report(RackFile rack) {
    Chronicle chronicle = new Chronicle(rack);
    facts.stream().filter(fact -> Chronicle.kinds().contains(fact.kind())).forEach(chronicle::see);
    Sources sources =
        new Sources(
            "FoundryBot 1",
            "c0ffee",
            _ -> new Sources.Given(1, List.of(new Artifact("linux", DIGEST)), "plan"),
            name -> name.equals("snponly.efi") ? DIGEST : "",
            _ -> List.of("10.77.0.200"),
            node -> node.name().equals("e1") ? Optional.of(INSPECTED) : Optional.empty(),
            node -> node.name().equals("e1") ? Optional.of(ERASED) : Optional.empty());
    return chronicle.report(sources, now);
  }

  private void installs(String mac, String salt) {
    happens(mac, "dhcp.discover", "arch=7 (x64 UEFI) program=FIRMWARE transport=PXE uuid=x");
    happens(mac, "dhcp.offer", "address=10.77.0.200");
    later(1);
    happens(mac, "loader.fetched", "snponly.efi");
    later(2);
    happens(mac, "token.minted", salt);
    happens(mac, "token.used", salt.split(" ", 2)[0] + " kernel");
    later(3);
    happens(mac, "answer.served", "preseed.cfg");
    later(60);
    happens(mac, "report.installed", "");
    later(30);
    happens(mac, "report.first-boot", "");
    later(4);
    happens(mac, "enrolled", "hostname=x");
  }

  private static String salt(int number) {
    return String.format("%064x", number) + " " + String.format("%032x", number);
  }

  private static Member member(ClusterReport report, String name) {
    return report.nodes().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aCompleteClusterIsToldWithEveryStayAndItsLength() {
    installs("52:54:00:aa:00:01", salt(1));
    installs("52:54:00:aa:00:02", salt(2));
    later(5);
    happens("52:54:00:aa:00:01", "gate.passed", "client port 2379 answers");
    happens("52:54:00:aa:00:01", "mesh.bundle", "serial 7");
    later(100);
    ClusterReport report = report(TWO);
    assertTrue(report.complete());
    assertEquals(
        "cluster alpha is complete: 2 of 2 nodes enrolled, 2 of 2 phases done", report.summary());
    assertEquals(TWO.sha256(), report.rackFile());
    assertEquals(64, report.rackFile().length());
    assertEquals(START.toString(), report.began());
    assertEquals(START.plusSeconds(205).toString(), report.completeAt());
    assertEquals(205, report.seconds());
    Member node = member(report, "e1");
    assertEquals(100, node.seconds());
    assertEquals("7 (x64 UEFI)", node.firmware());
    assertEquals(new Artifact("snponly.efi", DIGEST), node.bootProgram());
    assertEquals(List.of("10.77.0.11", "10.77.0.200"), node.addresses());
    assertEquals(7, node.bundleSerial());
    assertTrue(node.given());
    assertEquals(
        List.of("dhcp 1", "bootloader 2", "script 3", "installing 60", "installed 30"),
        node.stages().stream()
            .filter(it -> it.seconds() > 0 && !it.stage().equals("first-boot"))
            .map(it -> it.stage() + " " + it.seconds())
            .toList());
    assertEquals("enrolled", node.stages().getLast().stage());
    assertEquals(ClusterReport.NOT_YET, node.stages().getLast().seconds());
    assertEquals("e1 60 installing", slowest(report, 0));
    assertEquals("port 2379 answers", report.phases().getFirst().checks().getFirst().said());
    assertEquals(report.completeAt(), report.phases().getFirst().doneAt());
  }

  private static String slowest(ClusterReport report, int place) {
    ClusterReport.Slow slow = report.slowest().get(place);
    return slow.node() + " " + slow.seconds() + " " + slow.stage();
  }

  @Test
  void anUnfinishedOneSaysSoAndWhatIsWrongSinceWhen() {
    installs("52:54:00:aa:00:02", salt(1));
    happens("52:54:00:aa:00:01", "dhcp.discover", "arch=0 (x86 BIOS) program=FIRMWARE x");
    happens("52:54:00:aa:00:01", "dhcp.offer", "address=10.77.0.200");
    Instant asked = now;
    later(600);
    ClusterReport report = report(TWO);
    assertFalse(report.complete());
    assertEquals(
        "UNFINISHED: cluster alpha, 1 of 2 nodes enrolled, 0 of 2 phases done", report.summary());
    assertEquals("", report.completeAt());
    assertEquals(ClusterReport.NOT_YET, report.seconds());
    Member node = member(report, "e1");
    assertEquals("stuck", node.condition());
    Found wrong = node.diagnoses().getFirst();
    assertEquals(asked.plus(Duration.ofMinutes(2)).toString(), wrong.from());
    assertEquals("", wrong.until());
    assertFalse(wrong.why().isEmpty());
  }

  @Test
  void whatWasWrongOnTheWayAndWhatWasDoneAboutItStaysInTheRecord() {
    String mac = "52:54:00:aa:00:02";
    happens(mac, "dhcp.discover", "arch=7 (x64 UEFI) program=FIRMWARE transport=PXE");
    happens(mac, "dhcp.offer", "address=10.77.0.200");
    later(300);
    Instant cycled = now;
    happens(mac, "power.again", "stuck at dhcp: no REQUEST");
    later(1);
    happens(mac, "power.told", "on");
    installs(mac, salt(1));
    Member node = member(report(TWO), "w1");
    assertEquals(
        List.of(new Again(cycled.toString(), "appliance", "stuck at dhcp: no REQUEST")),
        node.retries());
    assertEquals(1, node.diagnoses().size(), () -> node.diagnoses().toString());
    assertEquals(START.plusSeconds(120).toString(), node.diagnoses().getFirst().from());
    assertEquals(cycled.toString(), node.diagnoses().getFirst().until());
    assertEquals("enrolled", node.stage());
  }

  @Test
  void aMachineThatStartedOverIsARetryOfItsOwn() {
    String mac = "52:54:00:aa:00:02";
    happens(mac, "token.minted", salt(1));
    happens(mac, "token.used", salt(1).split(" ", 2)[0] + " kernel");
    later(10);
    happens(mac, "answer.served", "preseed.cfg");
    later(10);
    happens(mac, "token.minted", salt(2));
    happens(mac, "token.used", salt(2).split(" ", 2)[0] + " kernel");
    Member node = member(report(TWO), "w1");
    assertEquals(2, node.attempt());
    assertEquals(
        List.of(new Again(now.toString(), "machine", "started over at installing, attempt 1")),
        node.retries());
  }

  @Test
  void anotherRunBeginsAnotherTale() {
    installs("52:54:00:aa:00:02", salt(1));
    later(10);
    happens("52:54:00:aa:00:02", "run.started", "by the operator");
    Instant again = now;
    later(10);
    installs("52:54:00:aa:00:02", salt(2));
    Member node = member(report(TWO), "w1");
    assertEquals(2, node.run());
    assertEquals(again.toString(), node.began());
    assertEquals("planned", node.stages().getFirst().stage());
    assertEquals(110, node.seconds());
    assertFalse(node.given());
  }

  @Test
  void whatANodeProvedBeforeItWasInstalledAnewIsNoProof() {
    String mac = "52:54:00:aa:00:01";
    installs("52:54:00:aa:00:02", salt(1));
    installs(mac, salt(2));
    happens(mac, "gate.passed", "client");
    assertTrue(report(TWO).complete());
    happens(mac, "run.started", "by the operator");
    installs(mac, salt(3));
    assertFalse(report(TWO).complete());
    later(1);
    happens(mac, "gate.passed", "client");
    assertTrue(report(TWO).complete());
  }

  @Test
  void aDeedHasWhoWhatWhenItsOutcomeAndItsCommandId() {
    String id = AuditEntry.idOf(COMMAND);
    String mac = "52:54:00:aa:00:02";
    happens("", AuditEntry.BEGUN, COMMAND + " desk nodes/{node}/reinstall hash");
    happens(mac, AuditEntry.ASKED, AuditEntry.asked("desk", "socket", id, "reinstall w1"));
    later(2);
    happens(
        mac,
        AuditEntry.ANSWERED,
        AuditEntry.answered("desk", "socket", id, "reinstall w1", "done"));
    happens(mac, AuditEntry.REFUSED, AuditEntry.refused("-", "10.0.0.9", "no operator"));
    happens("", AuditEntry.ASKED, AuditEntry.asked("ci", "10.0.0.8", "00000001", "rotate"));
    assertEquals(
        List.of(
            new Deed(
                START.toString(),
                "desk",
                "socket",
                "w1",
                "reinstall w1",
                "done",
                now.toString(),
                COMMAND),
            new Deed(now.toString(), "ci", "10.0.0.8", "", "rotate", "", "", "")),
        report(TWO).deeds());
  }

  @Test
  void aThousandNodesAreToldInSeconds() {
    StringBuilder nodes = new StringBuilder("nodes:\n");
    for (int i = 0; i < 1000; i++) {
      nodes.append("  %s: { role: worker, name: w%d }\n".formatted(mac(i), i));
    }
    RackFile rack = rack(nodes.toString());
    for (int i = 0; i < 1000; i++) {
      installs(mac(i), salt(i));
    }
    long begin = System.nanoTime();
    ClusterReport report = report(rack);
    SignedReport signed = SignedReport.sign(report, BundleSigner.of("01".repeat(32)));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertTrue(report.complete());
    assertEquals(report, signed.report().orElseThrow());
    assertTrue(signed.bytes().length < 5_000_000, () -> signed.bytes().length + " bytes");
    assertTrue(took.toSeconds() < 20, took::toString);
  }

  private static String mac(int number) {
    return "52:54:00:cc:%02x:%02x".formatted(number >> 8, number & 0xff);
  }

  @Test
  void theFormIsCanonicalAndASignatureIsOfItAlone() {
    happens("52:54:00:aa:00:02", "report.failed", "a \"quote\", \u001b[31m, \u0085 and \ud800");
    SignedReport signed = SignedReport.sign(report(TWO), BundleSigner.of("01".repeat(32)));
    assertTrue(signed.json().startsWith("{\"began\":\""), signed.json());
    assertFalse(signed.json().contains("\n"));
    assertTrue(signed.json().contains("a \\\"quote\\\", \\u001b[31m, \ufffd and"), signed.json());
    ClusterReport read = signed.report().orElseThrow();
    assertEquals(signed, SignedReport.sign(read, BundleSigner.of("01".repeat(32))));
    BundleSigner.PublicPart key = BundleSigner.of("01".repeat(32)).publicPart();
    assertEquals(Optional.empty(), signed.fault(key));
    SignedReport changed =
        new SignedReport(signed.json().replace("alpha", "alphb"), signed.signature());
    assertTrue(changed.fault(key).orElseThrow().startsWith("not signed as it stands"));
    assertTrue(
        signed.fault(BundleSigner.of("02".repeat(32)).publicPart()).orElseThrow().contains("key"));
    assertTrue(new SignedReport(signed.json(), "?").fault(key).isPresent());
    assertEquals(Optional.empty(), new SignedReport("{}", "").report());
  }
}
