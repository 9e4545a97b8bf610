// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.store.Store;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.SimulatedRack;
import foundrybot.rig.sim.Weather;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL in the middle of a rack, and a second appliance on what the first one left. */
@Tag("slow")
class KilledApplianceTest {
  private static final int NODES = 16;

  @TempDir Path data = Path.of("");

  @Test
  void nothingIsLostAndNothingIsBegunTwice() throws IOException, InterruptedException {
    Demo.Prepared files = Demo.prepare(NODES, DhcpMode.PROXY, List.of(), data);
    Demo.Settings settings =
        new Demo.Settings(
            NODES,
            DhcpMode.PROXY,
            false,
            data,
            new Pace(0.5, Duration.ofSeconds(3), Duration.ofMillis(400)),
            _ -> Mishaps.NONE,
            Weather.FAIR,
            11,
            problem -> {
              throw new AssertionError(problem);
            });
    Process first = start();
    try (SimulatedRack rack = Demo.machines(files.rack(), settings)) {
      rack.powerOn();
      Map<String, Milestone> before = killInTheMiddle(first, rack);
      try (Appliance second = Demo.appliance(files, data, Clock.systemUTC(), settings.onFatal())) {
        stagesAreKept(before, second);
        assertTrue(rack.await(Duration.ofMinutes(2)), () -> rack.nodes().toString());
        assertTrue(second.status().complete(), () -> second.status().toString());
      }
      tokens(rack);
    } finally {
      first.destroyForcibly();
    }
  }

  private Process start() throws IOException {
    String path = System.getProperty("surefire.test.class.path", "");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                path.isEmpty() ? System.getProperty("java.class.path", "") : path,
                ApplianceProcess.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals(ApplianceProcess.READY)) {
          return process;
        }
      }
    }
    throw new AssertionError("the appliance's process ended before it served");
  }

  /** When a quarter of the machines is installed and the others are on their way. */
  private static Map<String, Milestone> killInTheMiddle(Process process, SimulatedRack rack)
      throws InterruptedException {
    for (int i = 0; installed(rack) < NODES / 4; i++) {
      assertTrue(i < 6000, () -> "not even a quarter is installed: " + rack.nodes());
      Thread.sleep(10);
    }
    // What a machine says it has reached was acknowledged, so it must be durable.
    Map<String, Milestone> reached = new HashMap<>();
    rack.nodes().forEach(node -> reached.put(node.machine().name(), node.account().reached()));
    process.destroyForcibly().waitFor();
    assertFalse(
        rack.nodes().stream().allMatch(n -> n.account().reached() == Milestone.ENROLLED),
        "killed too late to show anything");
    return reached;
  }

  private static long installed(SimulatedRack rack) {
    return rack.nodes().stream().filter(node -> node.account().installs() > 0).count();
  }

  private static void stagesAreKept(Map<String, Milestone> before, Appliance second) {
    List<String> done = List.of("installed", "first-boot", "enrolled");
    second
        .status()
        .nodes()
        .forEach(
            node -> {
              Milestone milestone = before.getOrDefault(node.name(), Milestone.OFF);
              if (milestone.compareTo(Milestone.INSTALLED) >= 0) {
                assertTrue(done.contains(node.stage()), node + " had reached " + milestone);
              }
              if (milestone == Milestone.ENROLLED) {
                assertEquals("enrolled", node.stage(), node.name());
              }
            });
  }

  /** One token for each time that a machine came for its script with an empty disk, at most. */
  private void tokens(SimulatedRack rack) {
    try (Store store = Store.open(data)) {
      for (SimulatedNode node : rack.nodes()) {
        String who = node.machine().name() + " " + node.account();
        long minted = RackTest.minted(store, node.machine().mac());
        assertEquals(1, node.account().installs(), who);
        assertTrue(minted >= 1 && minted <= node.account().scripts(), who + " minted " + minted);
      }
    }
  }
}
