// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a node is given that somebody holds. */
class HoldTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  private LoopbackAppliance rack;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder);
    rack.node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12").start();
    machine = new Machine(rack, MAC);
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private Heard told(String node, String what, String body) {
    return rack.send(
        rack.asOperator("nodes/" + node + "/" + what).POST(BodyPublishers.ofString(body)));
  }

  private void held(String reason) {
    Heard answer = told("w1", "hold", reason);
    assertEquals(200, answer.status(), answer.text());
  }

  @Test
  void aHeldNodeIsSentToItsDiskAndTheStatusSaysSinceWhenByWhomAndHowToResume() {
    held("a disk is being changed");
    Heard script = machine.script();
    assertFalse(Machine.installs(script), script.text());
    assertTrue(script.text().contains("held; 'bootserver resume'"), script.text());
    assertFalse(rack.get("/boot/" + MAC + "/grub.cfg").text().contains("/node/"));
    JsonNode node = rack.statusJson(MAC);
    assertEquals("held", node.get("condition").asString());
    String why = node.get("why").asString();
    assertTrue(
        why.matches("held since 2026-01-01T[0-9:]{8}Z by local: a disk is being changed"), why);
    assertTrue(node.get("tryNext").asString().contains("bootserver resume w1"), node.toString());
    assertTrue(Machine.installs(new Machine(rack, OTHER).script()), "the other one is not held");
    assertTrue(rack.send(rack.asOperator("audit")).text().contains("a machine that is held"));
  }

  @Test
  void aTokenOfAHeldNodeOpensNothingButItsReports() {
    machine.fetchToken();
    held("");
    assertEquals(503, machine.get("preseed.cfg").status());
    assertEquals(503, machine.get("artifact/linux").status());
    assertEquals(200, machine.report("installer-started").status());
    assertEquals(200, told("w1", "resume", "").status());
    assertEquals(200, machine.get("preseed.cfg").status());
  }

  @Test
  void nothingIsBegunWithAHeldNodeAndAllOfThatOutlivesTheAppliance() {
    held("");
    rack.stop();
    rack.startAgain();
    assertEquals("held", rack.statusJson(MAC).get("condition").asString());
    Heard anew = told("w1", "reinstall", "");
    assertEquals(422, anew.status(), anew.text());
    assertTrue(anew.text().startsWith("w1: held since "), anew.text());
    Heard all = rack.send(rack.asOperator("deploy").POST(BodyPublishers.noBody()));
    assertTrue(all.text().contains("REFUSED") && all.text().contains("BY_HAND"), all.text());
    assertEquals(1, rack.statusJson(MAC).get("run").asInt());
  }

  @Test
  void aFinishedMachineEnrolsAlsoWhileItIsHeld() {
    machine.install();
    held("");
    assertEquals(200, machine.enroll().status());
    assertEquals("enrolled", machine.stage());
  }

  @Test
  void theCommandsHoldAndResumeAndSayWhatTheyDid() {
    String data = rack.data().toString();
    assertEquals(0, Main.run("hold", "w1", "w2", "--reason", "moving", "--data", data));
    assertEquals("held", rack.statusJson(OTHER).get("condition").asString());
    assertEquals(3, Main.run("status", "--data", data));
    assertEquals(1, Main.run("reinstall", "w1", "--data", data));
    assertEquals(1, Main.run("deploy", "w1", "--data", data));
    assertEquals(1, Main.run("hold", "w1", "--reason", "x".repeat(201), "--data", data));
    assertEquals(1, Main.run("hold", "w9", "--data", data));
    assertEquals(0, Main.run("resume", "w1", "w2", "--data", data));
    assertEquals("waiting", rack.statusJson(MAC).get("condition").asString());
    assertEquals(64, Main.run("resume", "--data", data));
  }
}
