// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A rack whose machines have no BMC, and of which each is let in by name alone. */
class ArmingTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  private LoopbackAppliance rack;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).with("accept", "armed");
    rack.node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12").start();
    machine = new Machine(rack, MAC);
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private Heard arm(String node, String query) {
    return rack.send(
        rack.asOperator("nodes/" + node + "/arm" + query).POST(BodyPublishers.noBody()));
  }

  private void armed(String node, Duration time) {
    Heard answer = arm(node, "?for=" + time.toSeconds());
    assertEquals(200, answer.status(), answer.text());
  }

  private String audit() {
    return rack.send(rack.asOperator("audit")).text();
  }

  @Test
  void whoIsNotArmedIsSentToItsDiskAndTheStatusNamesTheCommand() {
    Heard script = machine.script();
    assertFalse(Machine.installs(script), script.text());
    assertTrue(script.text().contains("waits to be armed"), script.text());
    assertFalse(rack.get("/boot/" + MAC + "/grub.cfg").text().contains("/node/"));
    JsonNode node = rack.statusJson(MAC);
    assertEquals("waiting", node.get("condition").asString());
    assertEquals("it asked to boot, and waits to be armed", node.get("why").asString());
    assertTrue(node.get("tryNext").asString().startsWith("bootserver arm w1"), node.toString());
    assertTrue(audit().contains("a machine whose window is closed: a boot script"), audit());
  }

  @Test
  void whoIsArmedIsLetInAndNobodyElseIs() {
    armed("w1", Duration.ofMinutes(15));
    assertFalse(Machine.installs(new Machine(rack, OTHER).script()));
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertTrue(audit().contains("arm w1 for 900 s"), audit());
    assertTrue(
        rack.events("w1").contains("window.armed 2026-01-01T00:15:00Z by the operator"),
        () -> rack.events("w1").toString());
  }

  @Test
  void whenItsTimeIsOverItWaitsAgainAndItsTokenOpensNothing() {
    armed("w1", Duration.ofMinutes(15));
    machine.fetchToken();
    rack.clock.pass(Duration.ofMinutes(15));
    assertEquals(410, machine.get("preseed.cfg").status());
    assertFalse(Machine.installs(machine.script()));
    JsonNode node = rack.statusJson(MAC);
    assertEquals("stuck", node.get("condition").asString());
    assertEquals(
        "it asked to boot, and was armed until 2026-01-01T00:15:00Z only",
        node.get("why").asString());
    armed("w1", Duration.ofMinutes(1));
    assertEquals(200, machine.get("preseed.cfg").status(), "the same token, in its new time");
  }

  @Test
  void whoCameInTimeGoesOnAsLongAsItMoves() {
    armed("w1", Duration.ofMinutes(1));
    machine.fetchToken();
    assertEquals(200, machine.get("artifact/linux").status());
    LoopbackAppliance.eventually("noted", () -> machine.stage().equals("kernel"));
    for (int i = 0; i < 3; i++) {
      rack.clock.pass(Duration.ofMinutes(50));
      assertEquals(200, machine.get("late.sh").status());
      assertEquals(200, machine.report("progress").status());
    }
    rack.clock.pass(Duration.ofMinutes(61));
    assertEquals(410, machine.get("late.sh").status());
    assertEquals(410, machine.report("installed").status(), "nor is it believed");
    LoopbackAppliance.eventually("it is told", () -> code().equals("token-expired"));
    assertTrue(audit().contains("a machine whose window is closed: report"), audit());
    armed("w1", Duration.ofMinutes(1));
    assertEquals(200, machine.report("installed").status(), "where it is");
    assertEquals(200, machine.enroll().status());
  }

  private String code() {
    return rack.statusJson(MAC).get("diagnosis").get("code").asString();
  }

  @Test
  void aFinishedDiskThatComesTooLateEnrolsWhenItIsArmed() {
    armed("w1", Duration.ofMinutes(1));
    machine.install();
    rack.clock.pass(Duration.ofMinutes(61));
    assertEquals(410, machine.report("first-boot").status());
    assertEquals(410, machine.enroll().status());
    assertEquals("installed", machine.stage());
    LoopbackAppliance.eventually("it is told", () -> code().equals("token-expired"));
    assertTrue(rack.statusJson(MAC).get("tryNext").asString().startsWith("bootserver arm w1"));
    armed("w1", Duration.ofMinutes(15));
    assertEquals(200, machine.enroll().status());
    assertEquals("enrolled", machine.stage());
  }

  @Test
  void aReportDoesNotBringInWhoCameTooLate() {
    armed("w1", Duration.ofMinutes(1));
    machine.fetchToken();
    rack.clock.pass(Duration.ofMinutes(2));
    assertEquals(410, machine.report("installer-started").status());
    assertEquals(410, machine.get("preseed.cfg").status());
    assertEquals("script", machine.stage());
  }

  @Test
  void armingOutlivesTheApplianceAndEndsWhenItWasToEnd() {
    armed("w1", Duration.ofMinutes(15));
    rack.stop();
    rack.clock.pass(Duration.ofMinutes(14));
    rack.startAgain();
    machine.fetchToken();
    rack.stop();
    rack.clock.pass(Duration.ofMinutes(1));
    rack.startAgain();
    assertEquals(410, machine.get("preseed.cfg").status());
  }

  @Test
  void aNewRunIsArmedAnewOrBegunByHand() {
    armed("w1", Duration.ofHours(1));
    machine.fetchToken();
    String reinstall = "nodes/w1/reinstall?by-hand=yes";
    assertEquals(200, rack.send(rack.asOperator(reinstall).POST(BodyPublishers.noBody())).status());
    machine.fetchToken();
    rack.clock.pass(Duration.ofMinutes(61));
    assertFalse(Machine.installs(machine.script()));
  }

  @Test
  void whatMakesNoSenseIsRefusedAndChangesNothing() {
    for (String query : new String[] {"", "?for=59", "?for=43201", "?for=-60", "?for=15m"}) {
      Heard answer = arm("w1", query);
      assertEquals(422, answer.status(), query);
      assertTrue(answer.text().contains("expected: 1m to 12h"), answer.text());
    }
    armed("w1", Duration.ofHours(12));
    machine.install();
    assertTrue(arm("w1", "?for=60").text().contains("has a finished disk"));
    assertEquals(404, arm("w9", "?for=60").status());
    rack.with("accept", "auto");
    rack.appliance().replaceRack(rack.rack(), FirmwareTable.builtIn());
    assertTrue(arm("w2", "?for=60").text().contains("is let in at any time"));
    assertTrue(Machine.installs(new Machine(rack, OTHER).script()), "a changed rack file counts");
  }

  @Test
  void theCommandArmsForAQuarterOfAnHour() {
    String data = rack.data().toString();
    assertEquals(0, Main.run("arm", "w1", "w2", "--data", data));
    assertEquals(64, Main.run("arm", "w1", "--for", "soon", "--data", data));
    assertEquals(1, Main.run("arm", "w1", "--for", "2d", "--data", data));
    rack.clock.pass(Duration.ofMinutes(14));
    machine.fetchToken();
    rack.clock.pass(Duration.ofMinutes(1));
    assertFalse(Machine.installs(new Machine(rack, OTHER).script()));
  }
}
