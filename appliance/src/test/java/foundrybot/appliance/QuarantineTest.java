// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two machines with one token: neither gets more, and both addresses are told. */
class QuarantineTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "127.0.0.9";
  private static final String BOTH =
      "two machines have its token: preseed.cfg was given to 127.0.0.1, and 127.0.0.9 asks for it";

  private LoopbackAppliance rack;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start();
    machine = new Machine(rack, MAC);
  }

  @AfterEach
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  private void comesTwice() {
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    Heard second = rack.getFrom(OTHER, machine.path("preseed.cfg"));
    assertEquals(403, second.status());
    assertEquals("quarantined, " + BOTH + "\n", second.text());
  }

  private String audit() {
    return rack.send(rack.asOperator("audit?node=w1")).text();
  }

  @Test
  void theSecondAddressThatAsksForAnAnswerFileGetsNothingAndBothAreNamed() {
    comesTwice();
    JsonNode node = rack.statusJson(MAC);
    assertEquals("stuck", node.get("condition").asString());
    assertEquals("quarantined, " + BOTH, node.get("why").asString());
    assertTrue(node.get("tryNext").asString().endsWith("bootserver reinstall w1"));
    assertTrue(audit().contains("a token that another machine has: " + BOTH), audit());
  }

  @Test
  void neitherOfThemGetsMoreOrIsBelieved() {
    comesTwice();
    for (String rest : new String[] {"late.sh", "artifact/linux", "boot/bios.ipxe"}) {
      assertEquals(403, machine.get(rest).status(), rest);
      assertEquals(403, rack.getFrom(OTHER, machine.path(rest)).status(), rest);
    }
    assertEquals(403, machine.report("installed").status());
    assertEquals(403, machine.enroll().status());
    Heard script = machine.script();
    assertFalse(Machine.installs(script), script.text());
    assertTrue(script.text().contains("quarantined"), script.text());
    assertFalse(rack.get("/boot/" + MAC + "/grub.cfg").text().contains("/node/"));
    assertTrue(audit().contains("a quarantined node: enroll"), audit());
    assertEquals("installing", machine.stage());
  }

  @Test
  void itOutlivesTheApplianceAndEndsWithANewRun() {
    comesTwice();
    rack.stop();
    rack.startAgain();
    assertEquals(403, machine.get("late.sh").status());
    assertEquals("quarantined, " + BOTH, rack.statusJson(MAC).get("why").asString());
    String reinstall = "nodes/w1/reinstall?by-hand=yes";
    assertEquals(200, rack.send(rack.asOperator(reinstall).POST(BodyPublishers.noBody())).status());
    assertEquals(404, machine.get("late.sh").status());
    machine.install();
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void whoAsksAgainFromItsOwnAddressHasLostAnAnswer() {
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(200, machine.get("late.sh").status());
    assertEquals("ok", rack.statusJson(MAC).get("condition").asString());
  }

  /** An installer may put the node's own address in force while it runs. */
  @Test
  void whatIsAskedForTheFirstTimeMayBeByAnotherAddress() {
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(200, rack.getFrom("127.0.0.7", machine.path("late.sh")).status());
    assertEquals(200, rack.getFrom("127.0.0.7", machine.path("report/installed")).status());
    assertEquals(200, machine.enroll().status());
    assertEquals("enrolled", machine.stage());
  }

  @Test
  void whoGoesOnAfterAnotherAddressHasStartedOverIsASecondMachine() {
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    Machine thief = new Machine(rack, MAC);
    thief.fetchToken();
    assertEquals(200, rack.getFrom(OTHER, thief.path("preseed.cfg")).status());
    assertEquals(404, machine.report("progress").status());
    String why = rack.statusJson(MAC).get("why").asString();
    assertTrue(why.endsWith("127.0.0.1 goes on, after 127.0.0.9 has started over"), why);
    assertEquals(403, rack.getFrom(OTHER, thief.path("late.sh")).status());
  }

  @Test
  void aMachineThatStartsOverAtItsOwnAddressIsNoSecondOne() {
    String first = machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    assertEquals(404, rack.get("/node/" + first + "/late.sh").status());
    assertEquals("retrying", rack.statusJson(MAC).get("condition").asString());
  }

  @Test
  void aNodeThatEnrolsSecondAsAnotherSystemTellsOfTheThief() {
    machine.install();
    String thief = "hostname=w&machine_id=2";
    assertEquals(200, rack.postFrom(OTHER, machine.path("enroll"), thief).status());
    assertEquals("enrolled", machine.stage());
    Heard late = machine.enroll();
    assertEquals(403, late.status());
    String why =
        "two machines have its token: 127.0.0.9 has enrolled with it, and 127.0.0.1 enrols as"
            + " another system";
    assertEquals("quarantined, " + why + "\n", late.text());
    JsonNode node = rack.statusJson(MAC);
    assertEquals("stuck", node.get("condition").asString());
    assertEquals("quarantined, " + why, node.get("why").asString());
    assertFalse(rack.statusJson().get("complete").asBoolean(), "nobody knows who has arrived");
    assertTrue(audit().contains("a token that another machine has: " + why), audit());
    assertTrue(rack.events("w1").contains("token.contested " + why.substring(29)), audit());
    assertEquals(403, rack.postFrom(OTHER, machine.path("enroll"), thief).status());
    rack.stop();
    rack.startAgain();
    assertEquals("quarantined, " + why, rack.statusJson(MAC).get("why").asString());
    String reinstall = "nodes/w1/reinstall?by-hand=yes";
    assertEquals(200, rack.send(rack.asOperator(reinstall).POST(BodyPublishers.noBody())).status());
    machine.install();
    assertEquals(200, machine.enroll().status());
    assertTrue(rack.statusJson().get("complete").asBoolean());
  }

  /** Or whoever reads an old token could take a node out of service that has worked for years. */
  @Test
  void aTokenWhoseWindowIsOverQuarantinesNobody() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    rack.clock.pass(Duration.ofMinutes(61));
    String thief = "hostname=w&machine_id=2";
    assertEquals(410, rack.postFrom(OTHER, machine.path("enroll"), thief).status());
    assertEquals("ok", rack.statusJson(MAC).get("condition").asString());
    assertTrue(audit().contains("the token of a run that is over: enroll"), audit());
  }

  @Test
  void theSameSystemThatEnrolsFromElsewhereHasLostTheAnswer() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    String same = "hostname=w&machine_id=1";
    assertEquals(410, rack.postFrom(OTHER, machine.path("enroll"), same).status());
    assertEquals("ok", rack.statusJson(MAC).get("condition").asString());
  }

  @Test
  void onlyWhoHasEnrolledIsToldSoAgain() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    rack.clock.pass(Duration.ofSeconds(6));
    assertEquals("already enrolled\n", machine.enroll().text());
    assertEquals(405, rack.getFrom(OTHER, machine.path("enroll")).status());
    assertEquals("enrolled", machine.stage());
  }
}
