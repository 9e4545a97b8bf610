// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.appliance.lifecycle.Fact;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of a node, from the facts of a fleet. */
class NodeProgressTest {
  private static final String W1 = "52:54:00:aa:00:01";
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private final Fleet fleet = new Fleet(FleetTest.rack(W1), START);

  private void happens(int second, String kind, String detail) {
    fleet.apply(new Fact(START.plusSeconds(second), W1, kind, detail));
  }

  private NodeProgress progress(int second) {
    return FleetStatus.of(fleet, (_, _, _) -> "", "", Map.of(), START.plusSeconds(second))
        .nodes()
        .getFirst()
        .progress();
  }

  @Test
  void bytesOfATransferAreNumbers() {
    happens(1, "kernel.requested", "artifact linux");
    happens(2, "http.progress", "artifact initrd.gz 40 of 100 bytes");
    NodeProgress progress = progress(3);
    assertEquals("artifact initrd.gz", progress.what());
    assertEquals(40, progress.done());
    assertEquals(100, progress.total());
    assertEquals(-1, progress.secondsLeft());
    happens(4, "report.progress", "7 of 9 bytes");
    assertEquals("image", progress(5).what());
    happens(6, "report.installer-started", "");
    assertEquals(0, progress(7).total());
  }

  @Test
  void anEarlierRunTellsHowLongTheNextOneTakes() {
    happens(0, "run.started", "");
    happens(100, "report.installer-started", "");
    happens(700, "enrolled", "");
    happens(1000, "run.started", "");
    happens(1100, "report.installer-started", "");
    assertEquals(500, progress(1200).secondsLeft());
    assertEquals("installing", progress(1200).rungs().getLast().stage());
  }
}
