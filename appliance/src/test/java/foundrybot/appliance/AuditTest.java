// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.operator.AuditEntry;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
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

  private LoopbackAppliance appliance;

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

  /** It says who gets what, so it is a change of all that an operator could ask for. */
  @Test
  void aRackFileThatComesIntoForceIsALineWithItsDigest() {
    appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
    String line =
        "- file  rack file, or what it names: in force; %d nodes, sha256 %s"
            .formatted(appliance.rack().nodes().size(), appliance.rack().sha256());
    LoopbackAppliance.eventually("it is noted", () -> lines("").contains(line));
    appliance.stop();
    appliance.startAgain();
    assertEquals(1, lines("").stream().filter(line::equals).count(), "a start changes nothing");
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
    assertEquals(404, appliance.getFrom("127.0.0.9", "/media/" + unknown + ".iso").status());
    assertEquals(
        List.of(
            "- 127.0.0.9 " + MAC + " a burnt token: preseed.cfg: refused",
            "- 127.0.0.9  a token that opens nothing: something else: refused",
            "- 127.0.0.9  a token that opens nothing: a boot medium: refused"),
        lines("").subList(1, 4));
    String all = log("").toString();
    assertFalse(all.contains(burnt) || all.contains(unknown), all);
  }

  @Test
  void eachRefusedUseOfALiveTokenIsNoted() {
    Machine machine = new Machine(appliance, MAC);
    machine.fetchToken();
    assertEquals(404, machine.get("deploy.conf").status());
    assertEquals(404, machine.get("artifact/shadow").status());
    assertEquals(404, machine.get("boot/none").status());
    assertEquals(404, machine.get("a/b/c").status());
    assertEquals(400, machine.report("reboot").status());
    assertEquals(409, machine.enroll().status());
    assertEquals(405, machine.get("enroll").status());
    String from = "- 127.0.0.1 " + MAC + " ";
    assertEquals(
        List.of(
            from + "what its token does not open: deploy.conf: refused",
            from + "what its token does not open: artifact: refused",
            from + "what its token does not open: boot: refused",
            from + "what its token does not open: something else: refused",
            from + "what its token does not open: report: refused",
            from + "what its run is not at: enroll: refused",
            from + "what its token does not open: enroll: refused"),
        lines("?node=w1"));
  }

  @Test
  void aReportTooOftenIsRefusedAndCounted() {
    Machine machine = new Machine(appliance, MAC);
    machine.fetchToken();
    int heard = 0;
    while (machine.report("progress").status() == 200) {
      assertTrue(++heard <= 300, "still heard");
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(429, machine.report("progress").status());
    }
    assertEquals(
        List.of("- 127.0.0.1 " + MAC + " more than a run has to say: report: refused"), lines(""));
    JsonNode counters = appliance.statusJson().get("counters");
    assertEquals(51, counters.get("audit.refused.too-much").asInt());
  }

  @Test
  void whatCommandsDoByThemselvesIsNotedWhetherTheApplianceRunsOrNot() throws Exception {
    String data = appliance.data().toString();
    Path rack = appliance.data().resolveSibling("rack.yaml");
    Files.writeString(rack, appliance.yaml());
    String by = "uid:" + OwnUser.number() + " ";
    assertEquals(0, Main.run("bmc", "add", MAC, "wol", "--data", data));
    assertEquals(1, Main.run("bmc", "remove", OTHER, "--data", data));
    String from = rack.toString();
    assertEquals(0, Main.run("wake", "w1", "--data", data, "--rack", from));
    assertEquals(
        List.of(
            by + "socket " + MAC + " bmc add " + MAC + " wol: done",
            by + "socket " + OTHER + " bmc remove " + OTHER + ": failed",
            by + "socket " + MAC + " wake w1: sent"),
        lines(""));
    appliance.stop();
    assertEquals(1, Main.run("power", "w1", "off", "--data", data, "--rack", rack.toString()));
    assertEquals(0, Main.run("bmc", "remove", "w1", "--data", data, "--rack", rack.toString()));
    appliance.startAgain();
    assertEquals(
        List.of(
            by + "command " + MAC + " power off w1: failed",
            by + "command " + MAC + " bmc remove w1: done"),
        lines("?node=w1").subList(2, 4));
  }

  @Test
  void twoCommandsThatSwitchOneMachineAreBothNotedAndTheLaterOneIsRefused() throws Exception {
    String data = appliance.data().toString();
    Path rack = appliance.data().resolveSibling("rack.yaml");
    Files.writeString(rack, appliance.yaml());
    assertEquals(0, Main.run("bmc", "add", MAC, "wol", "--data", data));
    String path = "commands/" + MAC.replace(':', '-');
    Heard first = operator(path + "/begun?what=power%20off%20w1&keep=420", "");
    assertEquals(200, first.status(), first.text());
    Heard second = operator(path + "/begun?what=power%20on%20w1&keep=420", "");
    assertEquals(422, second.status());
    assertTrue(second.text().startsWith("w1: still under way: power off w1, since "));
    assertEquals(1, Main.run("power", "w1", "on", "--data", data, "--rack", rack.toString()));
    assertEquals(200, operator(path + "/begun?what=wake%20w1", "").status(), "it needs no turn");
    String end = "/ended?what=power%20off%20w1&result=done&id=" + first.text().strip();
    assertEquals(200, operator(path + end, "").status());
    assertEquals(0, Main.run("power", "w1", "on", "--data", data, "--rack", rack.toString()));
    String by = "uid:" + OwnUser.number() + " socket " + MAC + " power on w1: ";
    String local = "local 127.0.0.1 " + MAC + " power on w1: ";
    List<String> lines = lines("");
    assertTrue(lines.contains(local + "refused: its BMC is busy"), lines::toString);
    assertTrue(lines.contains(by + "refused: its BMC is busy"), lines::toString);
    assertTrue(lines.getLast().startsWith(by + "done"), lines::toString);
  }

  @Test
  void whatACommandTellsOfItselfIsReadStrictly() {
    String path = "commands/" + MAC.replace(':', '-');
    assertEquals(422, operator(path + "/begun", "").status());
    assertEquals(422, operator(path + "/begun?what=a%7Cb", "").status());
    assertEquals(422, operator("commands/w1/begun?what=power", "").status());
    assertEquals(422, operator(path + "/ended?what=power&id=x&result=done", "").status());
    assertEquals(List.of(), lines(""));
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
    assertEquals(400, counters.get("audit.refused.token-unknown").asInt());
    assertEquals(200, counters.get("audit.refused.token-guesses").asInt());
    operator("nodes/w1/reinstall?by-hand=yes", "");
    assertEquals("local 127.0.0.1 " + MAC + " reinstall w1 by-hand: done", lines("").getLast());
    appliance.clock.pass(Duration.ofMinutes(1));
    appliance.get("/node/" + "0".repeat(32) + "/enroll");
    assertTrue(
        lines("").getLast().matches("- 127.0.0.1 {2}a token.*: enroll.*"), lines("")::getLast);
  }
}
