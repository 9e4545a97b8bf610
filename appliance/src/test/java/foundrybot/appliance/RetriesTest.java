// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Stuck machines behind BMCs that obey, and a running appliance that looks after them. */
class RetriesTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String BARE = "52:54:00:bb:00:09";

  private LoopbackAppliance rack;
  private final Map<String, PowerState> power = new ConcurrentHashMap<>();
  private final AtomicInteger forcedOff = new AtomicInteger();

  private final class Switch implements Bmc {
    private final String node;

    Switch(String node) {
      this.node = node;
    }

    @Override
    public String describe() {
      return "switch of " + node;
    }

    @Override
    public Outcome<PowerState> power() {
      return new Outcome.Done<>(power.getOrDefault(node, PowerState.OFF), "as it is");
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      if (action == PowerAction.OFF) {
        forcedOff.incrementAndGet();
      }
      power.put(node, action.leadsTo());
      return new Outcome.Done<>(action.leadsTo(), action.toString());
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Done<>(wanted, wanted.text());
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void start(@TempDir Path folder) {
    Duration soon = Duration.ofMillis(1);
    Patience patience =
        new Patience(Duration.ofMinutes(1), soon, soon, soon, soon, soon, soon, soon);
    rack = new LoopbackAppliance(folder);
    for (int i = 1; i <= 4; i++) {
      rack.entry(
          "52:54:00:bb:00:0" + i,
          "{ role: worker, name: w" + i + ", bmc: 'http://127.0.0." + i + ":1' }");
    }
    rack.entry(BARE, "{ role: etcd, name: e1 }");
    rack.with(new PowerSetup(node -> new Switch(node.name()), patience)).start();
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private void deploy(String names) {
    assertEquals(
        200, rack.send(rack.asOperator("deploy").POST(BodyPublishers.ofString(names))).status());
    names.lines().forEach(this::isOn);
  }

  private void isOn(String name) {
    eventually(name + " is on", () -> node(name).get("power").asString().equals("told"));
  }

  private void isCycled(String name, int times) {
    isDecided(name + " is switched off again", () -> forcedOff.get() == times);
    isOn(name);
  }

  /** A machine that was told to be on may be under way for a moment yet, and is left alone then. */
  private void isDecided(String what, BooleanSupplier holds) {
    eventually(
        what,
        () -> {
          rack.appliance().lookAfterStuckNodes();
          return holds.getAsBoolean();
        });
  }

  private JsonNode node(String name) {
    for (JsonNode node : rack.statusJson().get("nodes")) {
      if (node.get("name").asString().equals(name)) {
        return node;
      }
    }
    throw new AssertionError(name);
  }

  private void passes(int minutes) {
    rack.clock.pass(Duration.ofMinutes(minutes));
    rack.appliance().lookAfterStuckNodes();
  }

  @Test
  void aStuckMachineIsCycledThreeTimesAndThenHeldWithTheReasonUntilItIsResumed() {
    deploy("w1");
    for (int i = 1; i <= 3; i++) {
      passes(62);
      isCycled("w1", i);
      assertEquals("retrying", node("w1").get("condition").asString());
    }
    passes(62);
    isDecided("w1 is held", () -> node("w1").get("condition").asString().equals("held"));
    JsonNode held = node("w1");
    assertTrue(
        held.get("why").asString().contains("by the appliance: attempts used up at powered-on: "),
        held.toString());
    assertEquals(1, held.get("run").asInt());
    passes(600);
    assertEquals(3, forcedOff.get());

    rack.stop();
    rack.startAgain();
    assertEquals("held", node("w1").get("condition").asString());
    assertEquals(0, Main.run("resume", "w1", "--data", rack.data().toString()));
    passes(16);
    isCycled("w1", 4);
  }

  @Test
  void theNextCycleIsAnnouncedAndNeverComesTooSoon() {
    deploy("w1");
    passes(16);
    isCycled("w1", 1);
    Machine machine = new Machine(rack, MAC);
    machine.fetchToken();
    passes(4);
    assertEquals(1, forcedOff.get());
    assertEquals("stuck", node("w1").get("condition").asString());
    assertEquals("power cycle 2 of 3 at 2026-01-01T00:31:00Z", node("w1").get("next").asString());
    passes(11);
    isCycled("w1", 2);
    assertEquals(404, machine.get("preseed.cfg").status(), "the token of the attempt before");
    assertTrue(Machine.installs(machine.script()));
  }

  @Test
  void withoutABmcThePersonIsToldToDoIt() {
    Machine bare = new Machine(rack, BARE);
    bare.fetchToken();
    passes(4);
    assertEquals("stuck", node("e1").get("condition").asString());
    assertEquals("power-cycle it: it has no BMC", node("e1").get("next").asString());
    assertEquals("", node("w1").get("next").asString());
  }

  @Test
  void whenManyFailAtOneStageNothingIsDoneUntilAllAreResumed() {
    deploy("w1\nw2\nw3\nw4");
    passes(16);
    isDecided("brake", () -> !rack.statusJson().get("brake").asString().isEmpty());
    assertEquals(0, forcedOff.get());
    String brake = rack.statusJson().get("brake").asString();
    assertTrue(
        brake.matches(
            "stopped at 2026-01-01T00:16:0\\dZ: 4 of 4 nodes under way failed at powered-on"
                + " within 15 min: .*"),
        brake);
    rack.stop();
    rack.startAgain();
    assertEquals(brake, rack.statusJson().get("brake").asString());
    passes(60);
    assertEquals(0, forcedOff.get());
    assertEquals(0, Main.run("resume", "--all", "--data", rack.data().toString()));
    assertEquals("", rack.statusJson().get("brake").asString());
    assertEquals(64, Main.run("resume", "w1", "--all", "--data", rack.data().toString()));
    rack.appliance().lookAfterStuckNodes();
    eventually("all are cycled", () -> forcedOff.get() == 4);
    assertFalse(rack.events("w1").stream().noneMatch(e -> e.startsWith("power.again stuck at")));
  }
}
