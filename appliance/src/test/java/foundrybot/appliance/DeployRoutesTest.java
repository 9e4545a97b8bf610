// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node with a BMC is given secrets when the operator deploys it, and not before. */
class DeployRoutesTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String BARE = "52:54:00:bb:00:02";

  @TempDir private Path folder = Path.of("");

  private final AtomicInteger powerOns = new AtomicInteger();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  /** One machine, always off, behind a BMC that obeys when the test lets it. */
  private final class Obedient implements Bmc {
    @Override
    public String describe() {
      return "test";
    }

    @Override
    public Outcome<PowerState> power() {
      try {
        mayAnswer.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return new Outcome.Done<>(PowerState.OFF, "off");
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      powerOns.incrementAndGet();
      return new Outcome.Done<>(PowerState.ON, "on");
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Done<>(wanted, wanted.text());
    }

    @Override
    public void close() {}
  }

  private LoopbackAppliance start() {
    return new LoopbackAppliance(folder)
        .entry(MAC, "{ role: worker, name: w1, bmc: 'http://127.0.0.1:1' }")
        .entry(BARE, "{ role: etcd, name: e1 }")
        .with(PowerSetup.of(_ -> new Obedient()))
        .start();
  }

  private static JsonNode deploy(LoopbackAppliance rack, String query, String names) {
    Heard answer =
        rack.send(rack.asOperator("deploy" + query).POST(BodyPublishers.ofString(names)));
    assertEquals(200, answer.status(), answer.text());
    return JsonMapper.shared().readTree(answer.text());
  }

  private static String power(LoopbackAppliance rack) {
    return rack.statusJson(MAC).get("power").asString();
  }

  @Test
  void switchedOnByHandItIsSentToItsDiskAndTheStatusSaysWhatToDo() {
    try (LoopbackAppliance rack = start()) {
      Machine machine = new Machine(rack, MAC);
      Heard script = machine.script();
      assertFalse(Machine.installs(script), script.text());
      assertTrue(script.text().contains("switched on by hand"), script.text());
      JsonNode node = rack.statusJson(MAC);
      assertEquals("waiting", node.get("condition").asString());
      assertTrue(node.get("tryNext").asString().contains("bootserver deploy"));
      assertTrue(Machine.installs(new Machine(rack, BARE).script()), "it has no BMC");
    }
  }

  @Test
  void aDeploymentOpensTheWindowWhenItSwitchesOnAndSilenceClosesIt() {
    try (LoopbackAppliance rack = start()) {
      assertEquals("BEGUN", deploy(rack, "", "w1").get(0).get("answer").asString());
      Machine machine = new Machine(rack, MAC);
      assertFalse(Machine.installs(machine.script()), "its BMC was not told yet");
      mayAnswer.countDown();
      eventually("it is switched on", () -> power(rack).equals("told"));
      machine.fetchToken();
      assertEquals(200, machine.get("preseed.cfg").status());
      rack.clock.pass(Duration.ofMinutes(61));
      assertEquals(410, machine.get("preseed.cfg").status());
      assertFalse(Machine.installs(machine.script()));
      assertEquals(410, machine.report("installed").status());
      String arm = "nodes/w1/arm?for=900";
      assertEquals(200, rack.send(rack.asOperator(arm).POST(BodyPublishers.noBody())).status());
      assertEquals(200, machine.report("installed").status(), "it was only slow");
      assertEquals(200, machine.enroll().status());
    }
  }

  @Test
  void aKilledDeploymentIsTakenUpByTheNextAppliance() {
    try (LoopbackAppliance rack = start()) {
      deploy(rack, "", "w1");
      rack.stop();
      assertEquals(0, powerOns.get());
      mayAnswer.countDown();
      rack.startAgain();
      eventually("it is switched on", () -> power(rack).equals("told"));
      rack.stop();
      rack.startAgain();
      assertEquals("told", power(rack));
      assertEquals(1, powerOns.get());
    }
  }

  @Test
  void withoutNamesAllAreDeployedAndThoseWithoutABmcAreForPeople() {
    mayAnswer.countDown();
    try (LoopbackAppliance rack = start()) {
      JsonNode begun = deploy(rack, "", "");
      assertEquals(2, begun.size());
      assertEquals("BEGUN", begun.get(0).get("answer").asString());
      assertEquals("BY_HAND", begun.get(1).get("answer").asString());
      assertEquals(1, deploy(rack, "?role=etcd", "").size());
    }
  }

  @Test
  void byHandOpensTheWindowAndSwitchesNothing() {
    try (LoopbackAppliance rack = start()) {
      assertEquals("BY_HAND", deploy(rack, "?by-hand=yes", "w1").get(0).get("answer").asString());
      assertTrue(Machine.installs(new Machine(rack, MAC).script()));
      assertEquals(0, powerOns.get());
    }
  }

  private static String refused(LoopbackAppliance rack, String query, String names) {
    Heard answer =
        rack.send(rack.asOperator("deploy" + query).POST(BodyPublishers.ofString(names)));
    assertEquals(422, answer.status(), answer.text());
    return answer.text();
  }

  @Test
  void aRoleThatNobodyOfThoseNamedHasIsToldApartFromOneThatNobodyHas() {
    try (LoopbackAppliance rack = start()) {
      String contradiction = refused(rack, "?role=etcd", "w1");
      assertTrue(contradiction.contains("w1 is worker"), contradiction);
      assertTrue(contradiction.contains("contradicts the names"), contradiction);
      String nobody = refused(rack, "?role=storage", "");
      assertTrue(nobody.contains("expected: one of etcd, worker"), nobody);
      assertEquals("none", power(rack));
    }
  }

  @Test
  void oneUnknownNameAndNothingIsBegun() {
    try (LoopbackAppliance rack = start()) {
      Heard answer = rack.send(rack.asOperator("deploy").POST(BodyPublishers.ofString("w1\nw9")));
      assertEquals(422, answer.status());
      assertTrue(answer.text().startsWith("node: w9: not in the rack file"), answer.text());
      assertEquals("none", power(rack));
    }
  }
}
