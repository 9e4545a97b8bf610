// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.images.ArtifactManifest;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.Weather;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Racks behind networks that lose, double, delay and reorder all that goes by UDP, from the first
 * DISCOVER to the enrollment. All racks are up at once, so that waiting costs little.
 */
@Tag("slow")
class StormyRackTest {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /**
   * A client waits longer than a way there and back takes, and a twelfth of what firmware waits
   * elsewhere.
   */
  private static final Pace PACE = new Pace(0.12, Duration.ZERO, Duration.ZERO);

  /** Whole programs cross such networks in LossyTransferTest; here each is a few blocks. */
  private static final int SHRINK = 40;

  private static final int NODES = 4;

  @TempDir Path data = Path.of("");

  private Demo start(double loss, DhcpMode dhcp) {
    return Demo.start(
        new Demo.Settings(
            NODES,
            dhcp,
            false,
            folder(loss),
            PACE,
            _ -> Mishaps.NONE,
            new Weather(loss, 0.1, 0.1, Duration.ofMillis(200)),
            11,
            SHRINK,
            problem -> {
              throw new AssertionError(problem);
            }));
  }

  private Path folder(double loss) {
    return data.resolve("loss-" + loss);
  }

  @Test
  void aRackComesUpThroughEachWeatherAndEveryProgramArrivesWhole() throws Exception {
    Map<Double, Demo> racks = new LinkedHashMap<>();
    try {
      racks.put(0.05, start(0.05, DhcpMode.PROXY));
      racks.put(0.2, start(0.2, DhcpMode.SERVER));
      racks.put(0.4, start(0.4, DhcpMode.PROXY));
      racks.values().forEach(demo -> demo.rack().powerOn());
      for (Map.Entry<Double, Demo> rack : racks.entrySet()) {
        isUp(rack.getKey(), rack.getValue());
      }
    } finally {
      racks.values().forEach(Demo::close);
    }
  }

  private void isUp(double loss, Demo demo) throws Exception {
    assertTrue(demo.rack().await(PATIENCE), () -> loss + "\n" + RackTest.accounts(demo));
    assertTrue(demo.status().complete(), () -> demo.status().toString());
    Set<String> right = digests(folder(loss).resolve("boot-programs"));
    for (SimulatedNode node : demo.rack().nodes()) {
      String name = loss + ", " + node.machine().name();
      assertEquals(Milestone.ENROLLED, node.account().reached(), name);
      assertEquals(1, node.account().installs(), name);
      assertTrue(node.programs().size() >= 2, name + ": one for the installer, one for its disk");
      assertTrue(right.containsAll(node.programs()), name + ": " + node.programs());
    }
    assertTrue(demo.rack().lost() > 0, loss + ": nothing was lost");
  }

  private static Set<String> digests(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(ArtifactManifest::digestOf).collect(Collectors.toSet());
    }
  }
}
