// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class StatusFeedTest {
  @Test
  void theLastWholeDocumentCounts() {
    List<String> lines =
        List.of("{", "  \"n\" : 1", "}", "{", "  \"n\" : 2", "}", "{", "  \"n\" : 3");
    assertEquals(2, StatusFeed.last(lines).orElseThrow().get("n").asInt());
  }

  @Test
  void errorMessagesAmongThemDoNotMatter() {
    List<String> lines =
        List.of("{", "  \"n\" : 1", "}", "bootserver: no appliance answers; is it running?");
    assertEquals(1, StatusFeed.last(lines).orElseThrow().get("n").asInt());
    assertEquals(Optional.empty(), StatusFeed.last(List.of("bootserver: no appliance answers")));
  }
}
