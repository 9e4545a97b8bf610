// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.LoopbackAppliance;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.json.JsonMapper;

@Isolated("takes System.out and System.err")
class CommandTrailTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @RegisterExtension private final Printed printed = new Printed();

  @TempDir private Path folder = Path.of("");

  @Test
  void aLongOutcomeIsCutAndNotRefused() {
    try (LoopbackAppliance _ = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start()) {
      new CommandTrail(folder.resolve("data"), Mac.parse(MAC).orElseThrow(), "machine create w1")
          .around(() -> "made on a host, " + "x".repeat(200));
      assertEquals(0, printed.run("audit", "--json", "--data", folder.resolve("data")));
      assertEquals(
          "made on a host? " + "x".repeat(101) + "...",
          JsonMapper.shared().readTree(printed.out()).at("/0/result").asString());
    }
  }
}
