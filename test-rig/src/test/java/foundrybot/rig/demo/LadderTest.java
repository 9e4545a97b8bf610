// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.Appliance;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.Weather;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Simulated machines that fall silent, each at another point of its way, against the real appliance
 * over real sockets: what is said of them when their deadlines are over.
 */
class LadderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** By where the machine has come; BIOS and UEFI ask differently, and leave different traces. */
  private static final Map<Milestone, Set<String>> CODES =
      Map.of(
          Milestone.OFFERED, Set.of("no-request", "no-program-asked"),
          Milestone.PROGRAM, Set.of("no-script"),
          Milestone.SCRIPT, Set.of("no-kernel"),
          Milestone.KERNEL, Set.of("no-answer-file"),
          Milestone.ANSWER, Set.of("installer-silent"),
          Milestone.INSTALLED, Set.of("no-first-boot"),
          Milestone.FROM_DISK, Set.of("no-first-boot"),
          Milestone.FIRST_BOOT, Set.of("no-enrollment"));

  @TempDir Path data = Path.of("");

  @Test
  void eachMachineThatFallsSilentIsToldFromTheOthers() throws InterruptedException {
    Map<String, Milestone> ends = new LinkedHashMap<>();
    List<Milestone> all = new ArrayList<>(CODES.keySet());
    int nodes = 2 * all.size();
    Demo.Settings settings =
        new Demo.Settings(
            nodes,
            DhcpMode.PROXY,
            false,
            data,
            Pace.hurried(),
            name ->
                Mishaps.stopsAfter(
                    ends.computeIfAbsent(name, _ -> all.get(ends.size() % all.size()))),
            Weather.FAIR,
            3,
            problem -> {
              throw new AssertionError(problem);
            });
    try (Demo demo = Demo.start(settings)) {
      demo.rack().powerOn();
      assertTrue(demo.rack().await(PATIENCE), () -> RackTest.accounts(demo));
    }
    assertEquals(nodes, ends.size());
    RackFile rack = RackTest.readRack(data.resolve("rack.yaml"));
    Demo.Prepared files =
        new Demo.Prepared(rack, data.resolve("rack.yaml"), data.resolve("boot-programs"));
    MovedClock clock = new MovedClock();
    try (Appliance appliance = Demo.appliance(files, data, clock, _ -> {})) {
      clock.forward(Duration.ofHours(2));
      for (NodeStatus node : appliance.status().nodes()) {
        Milestone end = ends.get(node.name());
        Set<String> expected = CODES.getOrDefault(end, Set.of());
        String what = node.name() + " after " + end + ": " + node.diagnosis();
        assertTrue(expected.contains(node.diagnosis().code()), what);
        assertFalse(node.diagnosis().evidence().isEmpty(), what);
        for (String line : node.diagnosis().evidence()) {
          Instant.parse(line.substring(0, line.indexOf(' ')));
        }
      }
    }
  }
}
