// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is given the order to erase, and which report counts as proof. */
class EraseTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final long GIB = 1L << 30;

  private final LoopbackAppliance rack;
  private final Machine machine;

  EraseTest(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).castArtifacts();
    rack.node(MAC, "w1", "debian-12-cast").node(OTHER, "w2", "debian-12").start();
    machine = new Machine(rack, MAC);
  }

  @AfterEach
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  private Heard ask(String node, String what) {
    return rack.send(rack.asOperator("nodes/" + node + "/" + what).POST(BodyPublishers.noBody()));
  }

  private void begin(String more) {
    Heard answer = ask("w1", "erase?confirm=w1" + more);
    assertEquals(200, answer.status(), answer.text());
  }

  private static String disk(String name, long read, long nonZero, String fault) {
    return """
    {"name":"%s","serial":"Z9","model":"M","bytes":%d,"method":"writing","readBytes":%d,
    "nonZero":%d,"seconds":9,"fault":"%s"}\
    """
        .formatted(name, GIB, read, nonZero, fault);
  }

  private static String report(String proof, String disks) {
    return "{\"proof\":\"" + proof + "\",\"disks\":[" + disks + "]}";
  }

  private String status(String field) {
    return rack.statusJson(MAC).get(field).asString();
  }

  private JsonNode shown() {
    Heard answer = rack.send(rack.asOperator("nodes/w1/erasure"));
    assertEquals(200, answer.status(), answer.text());
    return JsonMapper.builder().build().readTree(answer.text());
  }

  private void comesToItsOrder(String more) {
    begin(more);
    machine.fetchToken();
    assertEquals(200, machine.get("erase.conf").status());
    assertEquals("erasing", machine.stage());
  }

  @Test
  void aMachineIsGivenItsOrderAndWhatItHasReadBackMakesItErased() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    begin("");
    assertTrue(machine.script().text().contains("foundrybot.mode=erase"));
    machine.fetchToken();
    assertEquals(200, machine.get("artifact/deploy.img").status());
    assertEquals(404, machine.get("deploy.conf").status());
    assertEquals(409, machine.post("erasure", report("whole", disk("sda", GIB, 0, ""))).status());
    assertEquals(
        "NODE='w1'\nMAC='" + MAC + "'\nDISKS='all'\nPROOF='whole'\nTHEN='wait'\n",
        machine.get("erase.conf").text());
    assertEquals("erasing", machine.stage());
    assertEquals(
        200, machine.post("report/progress", "detail=overwriting sda: 1 of 2 bytes").status());
    assertEquals(200, machine.get("erase.conf").status(), "an answer may be lost");
    assertEquals(200, machine.post("erasure", report("whole", disk("sda", GIB, 0, ""))).status());
    assertEquals("erased", machine.stage());
    assertEquals("ok", status("condition"));
    Heard events = rack.send(rack.asOperator("nodes/w1/events"));
    assertTrue(
        events.text().contains("1 disks; " + GIB + " bytes read back (whole), none of them"),
        events.text());
    assertTrue(events.text().contains("sda serial=Z9 bytes=" + GIB + " method=writing"));
    assertEquals("", shown().get("fault").asString());
    assertTrue(shown().get("still").asBoolean());
    assertEquals(404, machine.get("erase.conf").status(), "its token is over");
    assertFalse(Machine.installs(machine.script()), "an erased machine is not installed by itself");
    rack.stop();
    rack.startAgain();
    assertEquals("erased", machine.stage());
    assertEquals(200, ask("w1", "reinstall").status());
    assertTrue(Machine.installs(machine.script()));
    assertFalse(shown().get("still").asBoolean());
  }

  @Test
  void whatIsNotReadBackAsZeroIsNoProof() {
    List<List<String>> reports =
        List.of(
            List.of(report("whole", disk("sda", GIB, 3, "")), "3 bytes are not zero"),
            List.of(report("whole", disk("sda", GIB - 512, 0, "")), "were read back"),
            List.of(report("samples", disk("sda", GIB, 0, "")), "proof: samples"),
            List.of(report("whole", disk("sdb", GIB, 0, "")), "sda: is not in the report"),
            List.of(report("whole", disk("sda", 0, 0, "read-only")), "sda: read-only"),
            List.of(report("whole", ""), "no disk was found"));
    for (List<String> one : reports) {
      comesToItsOrder("&disks=sda");
      assertEquals(200, machine.post("erasure", one.getFirst()).status(), one.toString());
      assertEquals("stuck", status("condition"), one.toString());
      assertEquals("erasing", machine.stage());
      JsonNode diagnosis = rack.statusJson(MAC).get("diagnosis");
      assertEquals("erasure-failed", diagnosis.get("code").asString());
      assertTrue(status("why").contains(one.get(1)), status("why"));
      assertTrue(shown().get("fault").asString().contains(one.get(1)));
    }
  }

  @Test
  void aReportOfAThousandDisksIsNotAThousandLinesOfTheJournal() {
    comesToItsOrder("");
    String disks =
        IntStream.range(0, 1_000)
            .mapToObj(i -> disk("sd" + i, GIB, i == 999 ? 1 : 0, ""))
            .collect(Collectors.joining(","));
    assertEquals(200, machine.post("erasure", report("whole", disks)).status());
    List<String> lines =
        rack.events("w1").stream().filter(line -> line.startsWith("erasure.disk")).toList();
    assertEquals(65, lines.size());
    assertEquals("erasure.disk and 936 more", lines.getLast());
    assertTrue(status("why").contains("sd999: 1 bytes are not zero"), status("why"));
    assertEquals(1_000, shown().get("report").get("disks").size(), "the file has all of them");
  }

  @Test
  void aReportThatNamesADiskTwiceIsRefused() {
    comesToItsOrder("");
    String twice = disk("sda", GIB, 0, "") + "," + disk("sda", GIB, 7, "");
    Heard refused = machine.post("erasure", report("whole", twice));
    assertEquals(422, refused.status());
    assertTrue(refused.text().contains("two have the same name"), refused.text());
    assertEquals("erasing", machine.stage());
  }

  @Test
  void aReportFromAnotherAddressThanTheOrderWasGivenToIsAQuarantine() {
    comesToItsOrder("");
    String good = report("whole", disk("sda", GIB, 0, ""));
    assertEquals(403, rack.postFrom("127.0.0.9", machine.path("erasure"), good).status());
    assertEquals("erasing", machine.stage());
    assertEquals("stuck", status("condition"));
    assertTrue(status("why").contains("erase.conf was given to 127.0.0.1"), status("why"));
    assertEquals(422, rack.send(rack.asOperator("nodes/w1/erasure")).status(), "nothing is kept");
    assertEquals(403, machine.post("erasure", good).status());
  }

  @Test
  void samplesAreProofOnlyWhereTheyWereOrdered() {
    comesToItsOrder("&quick=yes");
    assertEquals(
        200, machine.post("erasure", report("samples", disk("sda", 258 << 20, 0, ""))).status());
    assertEquals("erased", machine.stage());
  }

  @Test
  void theOrderIsGivenOnceAndARestartInBetweenIsAnInterruption() {
    begin("");
    String early = machine.fetchToken();
    assertEquals(200, machine.get("artifact/vmlinuz").status());
    // Nobody waits for that to be written down, and until it is the same token is handed out.
    LoopbackAppliance.eventually(
        "used", () -> rack.events("w1").stream().anyMatch(line -> line.startsWith("token.used")));
    Machine again = new Machine(rack, MAC);
    again.fetchToken();
    assertEquals(200, machine.get("erase.conf").status());
    assertFalse(early.isEmpty());
    assertEquals(404, again.get("erase.conf").status(), "what waited is burnt");
    Heard script = again.script();
    assertFalse(Machine.installs(script), script.text());
    assertTrue(script.text().contains("interrupted"), script.text());
    rack.clock.pass(Duration.ofMinutes(6));
    assertEquals("stuck", status("condition"));
    JsonNode diagnosis = rack.statusJson(MAC).get("diagnosis");
    assertEquals("erasure-interrupted", diagnosis.get("code").asString());
    rack.stop();
    rack.startAgain();
    assertEquals("erasing", machine.stage());
    rack.clock.pass(Duration.ofMinutes(6));
    begin("");
    assertTrue(Machine.installs(again.script()), "the next order has a token of its own");
    assertEquals(404, machine.post("erasure", report("whole", disk("sda", GIB, 0, ""))).status());
  }

  @Test
  void whoseReportComesBackAfterTheApplianceWasKilledIsErased() {
    comesToItsOrder("");
    rack.stop();
    rack.startAgain();
    assertEquals(200, machine.post("erasure", report("whole", disk("sda", GIB, 0, ""))).status());
    assertEquals("erased", machine.stage());
  }

  @Test
  void whoComesTooLateIsNotErased() {
    begin("");
    machine.fetchToken();
    rack.clock.pass(Duration.ofMinutes(61));
    assertEquals(410, machine.get("erase.conf").status());
    Heard script = machine.script();
    assertFalse(Machine.installs(script));
    assertTrue(script.text().contains("too late"), script.text());
    assertEquals(200, ask("w1", "rescue-end").status());
    assertEquals("planned", machine.stage());
  }

  @Test
  void aHeldNodeIsNeverErased() {
    assertEquals(200, ask("w1", "hold").status());
    assertEquals(422, ask("w1", "erase?confirm=w1").status());
    assertEquals(200, ask("w1", "resume").status());
    begin("");
    machine.fetchToken();
    assertEquals(200, ask("w1", "hold").status());
    assertEquals(503, machine.get("erase.conf").status());
    assertFalse(Machine.installs(machine.script()));
  }

  @Test
  void nothingIsBegunWithoutTheNameOrWithAnotherOnesToken() {
    assertEquals(422, ask("w1", "erase").status());
    assertEquals(422, ask("w1", "erase?confirm=w2").status());
    assertEquals(422, ask("w1", "erase?confirm=w1&disks=../sda").status());
    assertEquals("planned", machine.stage());
    begin("");
    machine.fetchToken();
    Machine other = new Machine(rack, OTHER);
    other.fetchToken();
    assertEquals(404, other.get("erase.conf").status());
    assertEquals(409, other.post("erasure", report("whole", disk("sda", GIB, 0, ""))).status());
    assertEquals(404, rack.get("/node/" + "0".repeat(32) + "/erase.conf").status());
    assertEquals(200, machine.get("erase.conf").status());
    assertEquals(413, machine.post("erasure", " ".repeat(300_000)).status());
    assertEquals(422, machine.post("erasure", "{}").status());
    assertEquals("erasing", machine.stage());
    assertEquals(422, ask("w1", "rescue").status(), "it is at work");
  }

  @Test
  void theCommandAsksAndShows() {
    String data = rack.data().toString();
    assertEquals(64, Main.run("erase", "w1", "--data", data), "there is no terminal");
    assertEquals(1, Main.run("erase", "w1", "--show", "--data", data));
    assertEquals(0, Main.run("erase", "w1", "--yes", "--disk", "/dev/sda", "--data", data));
    machine.fetchToken();
    assertTrue(machine.get("erase.conf").text().contains("DISKS='sda'"));
    assertEquals(200, machine.post("erasure", report("whole", disk("sda", GIB, 9, ""))).status());
    assertEquals(1, Main.run("erase", "w1", "--show", "--data", data));
  }
}
