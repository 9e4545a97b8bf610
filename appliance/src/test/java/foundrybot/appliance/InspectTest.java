// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a machine says what it is made of, and what is made of that. */
class InspectTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final String UUID = "11111111-2222-4333-8444-555555555555";

  private final LoopbackAppliance rack;
  private final Machine machine;

  InspectTest(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).castArtifacts();
    rack.entry(MAC, "{ role: worker, name: w1, profile: debian-12-cast, disk: /dev/sdb }");
    rack.node(OTHER, "w2", "debian-12").start();
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

  private void begin(String node) {
    Heard answer = ask(node, "inspect");
    assertEquals(200, answer.status(), answer.text());
  }

  private static String inventory(String mac, String disks) {
    return """
    {"firmware":"uefi","uuid":"%s","serial":"S1","vendor":"Acme","product":"R1","cpus":4,
    "cpuModel":"a CPU","memoryBytes":8589934592,"disks":[%s],
    "nics":[{"name":"eth0","mac":"%s","driver":"virtio_net","link":true}]}\
    """
        .formatted(UUID, disks, mac);
  }

  private static String disk(String name, long bytes) {
    return """
    {"name":"%s","bytes":%d,"model":"M","serial":"Z9","rotational":false,"removable":false,
    "readOnly":false}\
    """
        .formatted(name, bytes);
  }

  private Heard last(String node) {
    return rack.send(rack.asOperator("nodes/" + node + "/inventory"));
  }

  private static List<String> differences(Heard answer) {
    assertEquals(200, answer.status(), answer.text());
    JsonNode json = JsonMapper.builder().build().readTree(answer.text());
    return json.get("differences").values().stream().map(JsonNode::asString).toList();
  }

  @Test
  void aMachineIsGivenTheInspectionAndItsReportIsKeptAndItsRunGoesOn() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    assertEquals(422, last("w1").status());
    begin("w1");
    Machine inspected = new Machine(rack, MAC);
    String script = inspected.script().text();
    assertTrue(script.contains("foundrybot.mode=inspect"), script);
    inspected.fetchToken();
    assertEquals(200, inspected.get("artifact/deploy.img").status());
    assertEquals(404, inspected.get("deploy.conf").status());
    assertEquals(404, inspected.get("rescue.conf").status());
    String conf = inspected.get("inspect.conf").text();
    assertEquals("NODE='w1'\nMAC='" + MAC + "'\nTHEN='wait'\n", conf);
    assertEquals(200, inspected.report("inspecting").status());
    assertEquals("inspecting", machine.stage());
    assertEquals("inspect", rack.statusJson(MAC).get("purpose").asString());
    assertFalse(rack.statusJson(MAC).get("rescue").asBoolean());
    assertEquals(400, inspected.report("installed").status());
    Heard kept = inspected.post("inventory", inventory(MAC, disk("sdb", 64L << 30)));
    assertEquals(200, kept.status(), kept.text());
    assertEquals("enrolled", machine.stage());
    assertEquals("", rack.statusJson(MAC).get("purpose").asString());
    assertEquals(List.of(), differences(last("w1")));
    assertEquals(404, inspected.get("inspect.conf").status(), "its token is over");
    assertFalse(Machine.installs(machine.script()), "it boots from its disk again");
  }

  @Test
  void aReportFromAnotherAddressThanTheInspectionWasGivenToIsAQuarantine() {
    begin("w1");
    machine.fetchToken();
    assertEquals(200, machine.get("inspect.conf").status());
    String good = inventory(MAC, disk("sdb", 64L << 30));
    assertEquals(403, rack.postFrom("127.0.0.9", machine.path("inventory"), good).status());
    String why = rack.statusJson(MAC).get("why").asString();
    assertTrue(why.contains("inspect.conf was given to 127.0.0.1"), why);
    assertEquals(422, last("w1").status(), "nothing is kept");
  }

  @Test
  void whatIsNotAsTheRackFileSaysIsNamedWithWhatThereIs() {
    begin("w1");
    machine.fetchToken();
    assertEquals(200, machine.post("inventory", inventory(OTHER, disk("sda", 1L << 30))).status());
    List<String> lines = differences(last("w1"));
    assertEquals(
        List.of(
            "mac: " + MAC + " is none of its cards (there are: " + OTHER + ")",
            "disk: /dev/sdb is missing (there are: sda 1 GiB)"),
        lines);
    begin("w1");
    machine.fetchToken();
    assertEquals(200, machine.post("inventory", inventory(MAC, disk("sdb", 1L << 30))).status());
    assertEquals(
        List.of("disk: /dev/sdb has 1 GiB (expected: 2 GiB or more)"), differences(last("w1")));
  }

  @Test
  void aReportOutlivesTheApplianceAndSoDoesAnInspectionThatWaits() {
    begin("w1");
    machine.fetchToken();
    assertEquals(200, machine.report("inspecting").status());
    rack.stop();
    rack.startAgain();
    assertEquals("inspecting", machine.stage());
    assertEquals(200, machine.post("inventory", inventory(MAC, disk("sdb", 64L << 30))).status());
    rack.stop();
    rack.startAgain();
    assertEquals("planned", machine.stage());
    assertEquals(List.of(), differences(last("w1")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}",
        "[]",
        "{\"firmware\":\"uefi\"}",
        "not json",
        "{\"firmware\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}"
      })
  void whatIsNoInventoryIsRefusedAndChangesNothing(String body) {
    begin("w1");
    machine.fetchToken();
    assertEquals(422, machine.post("inventory", body).status());
    assertEquals("inspect", rack.statusJson(MAC).get("purpose").asString());
    assertEquals(422, last("w1").status());
  }

  @Test
  void valuesThatNoMachineHasAreRefusedByName() {
    begin("w1");
    machine.fetchToken();
    String good = inventory(MAC, disk("sdb", 64L << 30));
    for (List<String> change :
        List.of(
            List.of("\"cpus\":4", "\"cpus\":-4", "cpus: -4"),
            List.of("\"sdb\"", "\"../sdb\"", "name of a disk"),
            List.of("\"a CPU\"", "\"a\\u0007CPU\"", "cpuModel"),
            List.of("\"S1\"", "\"" + "x".repeat(200) + "\"", "serial"),
            List.of("\"uefi\"", "null", "not the report"),
            List.of("{\"firmware\"", "{\"more\":1,\"firmware\"", "not the report"))) {
      Heard answer = machine.post("inventory", good.replace(change.get(0), change.get(1)));
      assertEquals(422, answer.status(), change.toString());
      assertTrue(answer.text().contains(change.get(2)), answer.text());
    }
    assertEquals(200, machine.post("inventory", good).status());
  }

  @Test
  void whoHasNoTokenOrAnotherOnesOrSaysTooMuchIsNotHeard() {
    begin("w1");
    machine.fetchToken();
    String good = inventory(MAC, disk("sdb", 64L << 30));
    assertEquals(404, rack.post("/node/" + "0".repeat(32) + "/inventory", good).status());
    Machine other = new Machine(rack, OTHER);
    other.fetchToken();
    assertEquals(409, other.post("inventory", good).status(), "nobody inspects that one");
    assertEquals(413, machine.post("inventory", " ".repeat(300_000) + good).status());
    assertEquals(422, last("w1").status());
    assertEquals(405, machine.get("inventory").status());
  }

  @Test
  void anInspectionIsRefusedWhereItWouldBreakSomethingOffAndIsEndedAsARescueIs() {
    machine.fetchToken();
    assertEquals(200, machine.get("deploy.conf").status());
    assertEquals(422, ask("w1", "inspect").status());
    assertEquals(200, ask("w1", "inspect?force=yes").status());
    Machine inspected = new Machine(rack, MAC);
    inspected.fetchToken();
    assertEquals(200, inspected.report("inspecting").status());
    Heard rescue = ask("w1", "rescue");
    assertEquals(422, rescue.status());
    assertTrue(rescue.text().contains("is booted to inspect"), rescue.text());
    assertEquals(200, ask("w1", "rescue-end").status());
    assertEquals("planned", machine.stage());
    assertEquals(200, ask("w1", "hold").status());
    assertTrue(ask("w1", "inspect").text().contains("held since"));
  }

  @Test
  void anImageOfBeforeIsRefusedWithTheCure(@TempDir Path folder) throws Exception {
    LoopbackAppliance old = new LoopbackAppliance(folder).castArtifacts();
    Path manifest =
        old.data().resolve("artifacts").resolve("debian-12-cast").resolve("manifest.json");
    Files.writeString(manifest, Files.readString(manifest).replace("\"inspect", "\"nothing"));
    try (old) {
      old.node(MAC, "w1", "debian-12-cast").start();
      Heard refused = old.send(old.asOperator("nodes/w1/inspect").POST(BodyPublishers.noBody()));
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("too old to inspect"), refused.text());
      assertTrue(refused.text().contains("bootserver image build"), refused.text());
    }
  }

  /** What a command prints; nobody else takes the output meanwhile. */
  private static String printed(String... arguments) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      var _ = Main.run(arguments);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theCommandBeginsAndShows() {
    String data = rack.data().toString();
    assertEquals(1, Main.run("inspect", "w1", "--show", "--data", data));
    assertEquals(0, Main.run("inspect", "w1", "--data", data), "people restart it");
    machine.fetchToken();
    assertEquals(200, machine.post("inventory", inventory(MAC, disk("sdb", 64L << 30))).status());
    assertEquals(0, Main.run("inspect", "w1", "--show", "--data", data));
    String shown = printed("status", "w1", "--data", data);
    assertTrue(shown.contains("w1, inspected "), shown);
    assertTrue(shown.contains("\n  NAME  SIZE    MODEL  SERIAL  KIND\n"), shown);
    assertTrue(shown.contains("\n  sdb   64 GiB  M      Z9      solid\n"), shown);
    assertFalse(printed("status", "w2", "--data", data).contains("inspected"));
    assertEquals(0, Main.run("inspect", "w1", "--show", "--json", "--data", data));
    assertEquals(64, Main.run("inspect", "w1", "--json", "--data", data));
    assertEquals(1, Main.run("inspect", "w9", "--show", "--data", data));
  }
}
