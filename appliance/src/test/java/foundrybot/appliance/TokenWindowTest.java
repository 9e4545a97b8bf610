// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that are let in at any time: a token of theirs is dead all the same when it is. */
class TokenWindowTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String SLOW = "52:54:00:bb:00:02";

  private LoopbackAppliance rack;
  private Machine machine;
  private Machine slow;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack =
        new LoopbackAppliance(folder)
            .node(MAC, "w1", "debian-12")
            .entry(
                SLOW,
                "{ role: worker, name: w2, profile: debian-12, deadlines: { installing: 180m } }")
            .start();
    machine = new Machine(rack, MAC);
    slow = new Machine(rack, SLOW);
  }

  @AfterEach
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  private String code() {
    return rack.statusJson(MAC).get("diagnosis").get("code").asString();
  }

  @Test
  void whoIsSilentForAnHourIsNeitherServedNorBelievedAndStartsOver() {
    String first = machine.fetchToken();
    assertEquals(200, machine.get("preseed.cfg").status());
    rack.clock.pass(Duration.ofMinutes(61));
    for (String rest : List.of("late.sh", "artifact/linux", "report/installed")) {
      assertEquals(410, machine.get(rest).status(), rest);
    }
    assertEquals(410, machine.enroll().status());
    assertEquals("installing", machine.stage());
    LoopbackAppliance.eventually("it is told", () -> code().equals("token-expired"));
    String log = rack.send(rack.asOperator("audit?node=w1")).text();
    assertTrue(log.contains("a machine whose window is closed: enroll"), log);
    assertNotEquals(first, machine.fetchToken());
    assertEquals(200, machine.get("preseed.cfg").status());
    machine.report("installed");
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void eachStepOfAnInstallationMovesTheWindowOn() {
    machine.fetchToken();
    for (String step : List.of("installer-started", "partitioned", "progress", "installed")) {
      assertEquals(200, machine.report(step).status(), step);
      rack.clock.pass(Duration.ofMinutes(59));
    }
    assertEquals(200, machine.report("first-boot").status());
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void whoIsGivenMoreTimeByTheRackFileIsHeardInIt() {
    slow.fetchToken();
    assertEquals(200, slow.report("installer-started").status());
    rack.clock.pass(Duration.ofMinutes(179));
    assertEquals(200, slow.report("installed").status());
    rack.clock.pass(Duration.ofMinutes(61));
    assertEquals(410, slow.enroll().status(), "that was for another stage");
  }

  /** Whoever asks for its script would be told the same token again. */
  @Test
  void aTokenThatNobodyHasComeWithWaits() {
    machine.fetchToken();
    rack.clock.pass(Duration.ofHours(5));
    assertEquals(200, machine.get("preseed.cfg").status());
    machine.report("installed");
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void theTimeInWhichTheApplianceIsStoppedIsNoSilence() {
    machine.install();
    rack.stop();
    rack.clock.pass(Duration.ofHours(3));
    rack.startAgain();
    rack.clock.pass(Duration.ofMinutes(50));
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void aRestartOfTheApplianceRevivesNoDeadToken() {
    slow.install();
    rack.clock.pass(Duration.ofMinutes(61));
    assertEquals(410, slow.enroll().status());
    rack.stop();
    rack.clock.pass(Duration.ofDays(1));
    rack.startAgain();
    assertEquals(410, slow.enroll().status());
  }
}
