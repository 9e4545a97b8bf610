// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Machines whose BMCs have consoles, and a running appliance that follows them. */
@Timeout(120)
class ConsoleLogsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  private LoopbackAppliance rack;
  private final Map<String, ConsoleListener> listening = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicBoolean curt = new AtomicBoolean();

  /** That of w2 has no console, and that of w3 gives its own to nobody. */
  private final class Talker implements Bmc {
    private final String node;
    private volatile PowerState state = PowerState.OFF;

    Talker(String node) {
      this.node = node;
    }

    @Override
    public String describe() {
      return "talker " + node;
    }

    @Override
    public Outcome<PowerState> power() {
      if (away.get()) {
        return new Outcome.Failed<>(
            new BmcFault(BmcFault.Kind.BUSY, node, "its power state", "not now", "wait"));
      }
      return new Outcome.Done<>(state, "as it is");
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      state = action.leadsTo();
      return new Outcome.Done<>(state, action.toString());
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Done<>(wanted, wanted.text());
    }

    @Override
    public Outcome<String> console(ConsoleListener listener) {
      asked.incrementAndGet();
      if (node.equals("w2")) {
        return Bmc.super.console(listener);
      }
      if (node.equals("w3")) {
        return new Outcome.Failed<>(
            new BmcFault(BmcFault.Kind.BUSY, node, "its console", "another has it", "end that"));
      }
      listener.opened(describe());
      if (curt.get()) {
        return new Outcome.Done<>("ended", "the BMC ended it");
      }
      listening.put(node, listener);
      try {
        while (listener.wanted()) {
          Thread.sleep(20);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      listening.remove(node);
      return new Outcome.Done<>("closed", "closed");
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void start(@TempDir Path folder) {
    Duration soon = Duration.ofMillis(1);
    Patience patience =
        new Patience(
            Duration.ofMinutes(1), soon, Duration.ofMinutes(1), soon, soon, soon, soon, soon);
    rack = new LoopbackAppliance(folder);
    for (int i = 1; i <= 4; i++) {
      String console = i < 4 ? ", console: on" : "";
      rack.entry(
          "52:54:00:cc:00:0" + i,
          "{ role: worker, name: w%d, bmc: { url: 'ipmi://127.0.0.%d:1'%s } }"
              .formatted(i, i, console));
    }
    rack.with(new PowerSetup(node -> new Talker(node.name()), patience)).start();
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  private void deploy(String name) {
    assertEquals(
        200, rack.send(rack.asOperator("deploy").POST(BodyPublishers.ofString(name))).status());
  }

  private JsonNode node(String name) {
    for (JsonNode node : rack.statusJson().get("nodes")) {
      if (node.get("name").asString().equals(name)) {
        return node;
      }
    }
    throw new AssertionError(name);
  }

  private List<String> log(String name) {
    Heard answer = rack.send(rack.asOperator("nodes/" + name + "/log"));
    assertEquals(200, answer.status(), answer.text());
    List<String> lines = new ArrayList<>();
    for (JsonNode line : JSON.readTree(answer.text())) {
      lines.add(line.get("from").asString() + " " + line.get("text").asString());
    }
    return lines;
  }

  private String events(String name) {
    return String.join("\n", rack.events(name));
  }

  @Test
  void aMachineOnItsWayIsHeardUntilItIsStuckAndWhatItSaidIsEvidence() {
    deploy("w1\nw4");
    eventually("followed", () -> listening.containsKey("w1"));
    ConsoleListener console = Objects.requireNonNull(listening.get("w1"));
    // In one piece: what is left open for a second of real time is a line of its own.
    console.heard(
        ("\u001b[0mkernel: url=/node/"
                + TOKEN
                + "\r\nKernel panic - not syncing: VFS\r\nrest without an end")
            .getBytes(UTF_8));
    console.missed("a break");
    eventually("kept", () -> log("w1").size() == 4);
    assertEquals(
        List.of(
            "console kernel: url=/node/***",
            "console Kernel panic - not syncing: VFS",
            "console rest without an end",
            "console [a break]"),
        log("w1"));
    // Else that it was told may be written with the later time, and its deadline begin there.
    eventually("w1 is on", () -> node("w1").get("power").asString().equals("told"));
    rack.clock.pass(Duration.ofMinutes(16));
    eventually("stuck", () -> node("w1").get("condition").asString().equals("stuck"));
    eventually("let go", () -> listening.isEmpty());
    String evidence = node("w1").get("diagnosis").get("evidence").toString();
    assertTrue(evidence.contains("the kernel has stopped itself"), evidence);
    assertEquals("console", node("w1").get("log").get(0).get("from").asString());
    // Of w4 the rack file does not want it.
    assertEquals(1, asked.get());
  }

  @Test
  void whatCannotBeHeardIsNotedOnceAndHindersNoPower() {
    deploy("w2\nw3");
    eventually("w2 is on", () -> node("w2").get("power").asString().equals("told"));
    eventually("w3 is on", () -> node("w3").get("power").asString().equals("told"));
    eventually("noted", () -> events("w2").contains("does not support reading the serial console"));
    eventually("noted", () -> events("w3").contains("another has it"));
    int before = asked.get();
    eventually("tried again", () -> asked.get() > before);
    assertEquals(1, occurrences(events("w3"), "console.missing"));
    assertEquals(1, occurrences(events("w2"), "console.missing"));
  }

  /** A wrong password is tried once, not beside the deployment once more. */
  @Test
  void nobodyLogsInForTheConsoleBeforeTheDeploymentHasDone() throws InterruptedException {
    away.set(true);
    deploy("w1");
    eventually("it is tried", () -> events("w1").contains("power.retry"));
    // Longer than from one look to the next.
    Thread.sleep(2200);
    assertEquals(0, asked.get());
    away.set(false);
    eventually("followed", () -> listening.containsKey("w1"));
  }

  @Test
  void aBmcThatEndsItAtOnceIsAskedMoreAndMoreRarely() throws InterruptedException {
    curt.set(true);
    deploy("w1");
    eventually("asked again", () -> asked.get() >= 3);
    Thread.sleep(1000);
    // 1 ms, 2 ms, 4 ms: a dozen in some seconds, and not a thousand.
    assertTrue(asked.get() < 30, () -> asked.get() + " times");
  }

  @Test
  void aMachineWhoseDisksAreEmptyHasArrived() {
    Instant now = rack.clock.instant();
    NodeState state = NodeState.planned(now);
    List<Boolean> followed = new ArrayList<>();
    for (FactKind kind :
        List.of(
            FactKind.ERASURE_STARTED,
            FactKind.POWER_WANTED,
            FactKind.POWER_TOLD,
            FactKind.ERASURE_BEGUN,
            FactKind.ERASURE_DONE)) {
      state = state.after(new Fact(now, "52:54:00:cc:00:01", kind.text(), "disks=vda"));
      followed.add(ConsoleLogs.isOnItsWay(state, now, Deadlines.USUAL));
    }
    assertEquals(Stage.ERASED, state.stage());
    assertEquals(List.of(true, true, true, true, false), followed);
  }

  @Test
  void whoeverStopsGivesConsolesBack() {
    deploy("w1");
    eventually("followed", () -> listening.containsKey("w1"));
    rack.stop();
    assertTrue(listening.isEmpty());
  }

  private static int occurrences(String text, String word) {
    return text.split(java.util.regex.Pattern.quote(word), -1).length - 1;
  }
}
