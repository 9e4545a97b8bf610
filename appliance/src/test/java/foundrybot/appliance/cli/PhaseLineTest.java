// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.Pending;
import foundrybot.appliance.FleetStatus.PhaseStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PhaseLineTest {
  private static final Pending CP_2 =
      new Pending("cp-2", "port 6443 on wg1: refused, since 2026-01-01T00:21:00Z");

  private static FleetStatus status(PhaseStatus... phases) {
    return new FleetStatus("alpha", false, List.of(), List.of(), "", "", Map.of(), List.of(phases));
  }

  private static PhaseStatus phase(String state, List<Pending> blockedBy, List<Pending> waitsFor) {
    return new PhaseStatus(
        2, "control-plane", state, 2, 3, 3, blockedBy, waitsFor, List.of("control-plane"));
  }

  private static String line(PhaseStatus phase) {
    return PhaseLine.of(phase, status(phase, phase, phase));
  }

  @Test
  void aBlockedPhaseNamesWhoBlocksItAndWhy() {
    assertEquals(
        "phase 2/3 control-plane: BLOCKED by cp-2 (port 6443 on wg1: refused, since"
            + " 2026-01-01T00:21:00Z); 2 of 3 ready",
        line(phase("blocked", List.of(CP_2), List.of())));
  }

  @Test
  void aRunningOneSaysForWhomItWaits() {
    assertEquals(
        "phase 2/3 control-plane: running, 2 of 3 ready; waits for cp-2 (port 6443 on wg1: refused,"
            + " since 2026-01-01T00:21:00Z)",
        line(phase("running", List.of(), List.of(CP_2))));
  }

  @Test
  void manyAreCountedAndNoNodeSteersTheTerminal() {
    Pending odd = new Pending("w1", "command /bin/x: \u001b[2J\nup");
    String line = line(phase("blocked", List.of(odd, CP_2, CP_2, CP_2, CP_2), List.of()));
    assertTrue(line.contains("w1 (command /bin/x:  [2J up), cp-2 ("), line);
    assertTrue(line.endsWith(") and 2 more; 2 of 3 ready"), line);
  }

  @Test
  void aBlockedPhaseEndsStatusLikeAStuckNodeAndItsLineIsInTheTable() {
    FleetStatus status = status(phase("blocked", List.of(CP_2), List.of()));
    assertEquals(3, status.exitStatus());
    String table = StatusTable.of(status, Instant.parse("2026-01-01T01:00:00Z"), 160);
    assertTrue(table.contains("\nphase 2/1 control-plane: BLOCKED by cp-2 (port 6443"), table);
    assertEquals(2, status(phase("running", List.of(), List.of(CP_2))).exitStatus());
  }
}
