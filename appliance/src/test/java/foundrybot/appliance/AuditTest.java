// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LoopbackAppliance appliance = new LoopbackAppliance(Path.of("target"));

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder);
    appliance.node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12").start();
  }

  @AfterEach
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private Heard operator(String path, String body) {
    return appliance.send(appliance.asOperator(path).POST(BodyPublishers.ofString(body)));
  }

  private List<JsonNode> log(String query) {
    Heard answer = appliance.send(appliance.asOperator("audit" + query));
    assertEquals(200, answer.status(), answer.text());
    List<JsonNode> lines = new ArrayList<>();
    JSON.readTree(answer.text()).forEach(lines::add);
    return lines;
  }

  /** Without times and numbers. */
  private List<String> lines(String query) {
    return log(query).stream()
        .map(
            line ->
                String.join(
                    " ",
                    line.get("who").asString(),
                    line.get("from").asString(),
                    line.get("mac").asString(),
                    line.get("what").asString() + ": " + line.get("result").asString()))
        .toList();
  }

  @Test
  void eachChangeOfAnOperatorIsALineWithItsOutcomeForEachNode() {
    assertEquals(200, operator("deploy?by-hand=yes", "w1\nw2").status());
    assertEquals(200, operator("nodes/w1/reinstall?by-hand=yes", "").status());
    assertEquals(422, operator("deploy", "nobody").status());
    String by = "local 127.0.0.1 ";
    String open = "BY_HAND: its run is open; switch it on by hand, from the network";
    assertEquals(
        List.of(
            by + MAC + " deploy w1 w2 by-hand: " + open,
            by + OTHER + " deploy w1 w2 by-hand: " + open,
            by + MAC + " reinstall w1 by-hand: done"),
        lines("").subList(0, 3));
    String refused = lines("").getLast();
    assertTrue(refused.startsWith(by + " deploy: 422 node: nobody: not in the rack"), refused);
    assertEquals(2, lines("?node=w1").size());
    assertEquals(1, lines("?node=w2").size());
    assertEquals(List.of(), lines("?since=2100-01-01T00:00:00Z"));
    assertEquals(422, appliance.send(appliance.asOperator("audit?since=yesterday")).status());
    assertEquals(422, appliance.send(appliance.asOperator("audit?node=nobody")).status());
  }

  @Test
  void whatIsOnlyLookedAtIsNotInIt() {
    appliance.statusJson();
    appliance.events("w1");
    lines("");
    assertEquals(List.of(), lines(""));
  }

  @Test
  void theLogOutlivesARestartAndMovesNoMachine() {
    operator("nodes/w1/reinstall?by-hand=yes", "");
    String evidence = appliance.statusJson(MAC).get("evidence").asString();
    assertFalse(evidence.startsWith("operator."), evidence);
    List<String> before = lines("");
    appliance.stop();
    appliance.startAgain();
    assertEquals(before, lines(""));
    assertEquals(evidence, appliance.statusJson(MAC).get("evidence").asString());
  }

  @Test
  void whatAnUnfinishedChangeLeftIsShownWithoutAnOutcome() {
    Fact asked =
        new Fact(
            Instant.EPOCH,
            MAC,
            AuditEntry.ASKED,
            AuditEntry.asked("ops", "10.0.0.7", "0badcafe", "deploy w1 | w2"));
    assertEquals(
        new AuditEntry(
            "1970-01-01T00:00:00Z", "ops", "10.0.0.7", MAC, "0badcafe", "deploy w1 / w2", ""),
        AuditEntry.of(asked).orElseThrow());
  }

  @Test
  void tokensThatOpenNothingAreNotedWithTheNodeThatTheyWereOf() {
    Machine machine = new Machine(appliance, MAC);
    String burnt = machine.fetchToken();
    operator("nodes/w1/reinstall?by-hand=yes", "");
    assertEquals(404, appliance.getFrom("127.0.0.9", "/node/" + burnt + "/preseed.cfg").status());
    String unknown = "f".repeat(32);
    assertEquals(404, appliance.getFrom("127.0.0.9", "/node/" + unknown + "/x").status());
    assertEquals(
        List.of(
            "- 127.0.0.9 " + MAC + " a burnt token: preseed.cfg: refused",
            "- 127.0.0.9  a token that opens nothing: something else: refused"),
        lines("").subList(1, 3));
    String all = log("").toString();
    assertFalse(all.contains(burnt) || all.contains(unknown), all);
  }

  @Test
  void refusedLogInsAndPathTricksAreNoted() {
    HttpRequest.Builder request = HttpRequest.newBuilder(appliance.uri("/api/v1/status"));
    String guess = "0123456789abcdef".repeat(4);
    assertEquals(401, appliance.send(request.header("Authorization", "Bearer " + guess)).status());
    assertEquals(400, appliance.rawStatus("/debian/../../etc/shadow"));
    eventually("both are noted", () -> lines("").size() == 2);
    assertEquals(
        List.of(
            "- 127.0.0.1  no operator: refused",
            "- 127.0.0.1  a path that leads upwards: by HTTP: refused"),
        lines(""));
    assertFalse(log("").toString().contains(guess));
    assertEquals(1, appliance.statusJson().get("counters").get("audit.refused.log-in").asInt());
  }

  @Test
  void aFloodIsALineWithACountAndBoundedInTheJournal() {
    for (int i = 0; i < 300; i++) {
      appliance.get("/node/" + "0".repeat(32) + "/enroll");
      appliance.getFrom("127.0.1." + (i % 250), "/node/" + "0".repeat(32) + "/late.sh");
    }
    assertTrue(lines("").size() <= 125, () -> lines("").size() + " lines");
    JsonNode counters = appliance.statusJson().get("counters");
    assertEquals(600, counters.get("audit.refused.token-unknown").asInt());
    operator("nodes/w1/reinstall?by-hand=yes", "");
    assertEquals("local 127.0.0.1 " + MAC + " reinstall w1 by-hand: done", lines("").getLast());
    appliance.clock.pass(Duration.ofMinutes(1));
    appliance.get("/node/" + "0".repeat(32) + "/enroll");
    assertTrue(
        lines("").getLast().matches("- 127.0.0.1 {2}a token.*: enroll.*"), lines("")::getLast);
  }
}
