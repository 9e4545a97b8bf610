// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.answerfiles.RackFile;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Labels of the rack file, where programs find them. */
class FleetLabelsTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private static RackFile rack() {
    return FleetTest.rackWith(
        """
        roles: { worker: { labels: { example.org/pool: a, tier: back } } }
        nodes:
          52:54:00:aa:00:01: { role: worker, labels: { tier: front } }
          52:54:00:aa:00:02: hub
        """);
  }

  @Test
  void theStatusOfANodeHasItsLabelsAndItsJsonCanBeReadAgain() {
    FleetStatus status =
        FleetStatus.of(new Fleet(rack(), START), (_, _, _) -> "", "", Map.of(), START);
    assertEquals(
        Map.of("example.org/pool", "a", "tier", "front"), status.nodes().getFirst().labels());
    assertEquals(Map.of(), status.nodes().getLast().labels());
    JsonMapper json = JsonMapper.builder().build();
    String text = json.writeValueAsString(status);
    assertEquals("front", json.readTree(text).at("/nodes/0/labels/tier").asString());
    assertEquals(status, json.readValue(text, FleetStatus.class));
  }
}
