// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.StatusTable;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireCountersTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theOperatorSeesWhatWasNotServedWithItsReason() {
    WireCounters counters = new WireCounters();
    counters.add("tftp", () -> Map.of("malformed.opcode", 3L, "requests", 9L));
    counters.add("dhcp", () -> Map.of("dhcp.malformed.cookie", 2L, "dhcp.offer", 4L));
    counters.add("journal", () -> Map.of("dropped-disk-too-slow", 0L));
    Fleet fleet = new Fleet(FleetTest.rack("52:54:00:aa:00:01"), AT);

    FleetStatus status = FleetStatus.of(fleet, (_, _, _) -> "", "", counters.snapshot(), AT);

    assertEquals(
        Map.of(
            "tftp.malformed.opcode", 3L,
            "tftp.requests", 9L,
            "dhcp.malformed.cookie", 2L,
            "dhcp.offer", 4L),
        status.counters());
    String table = StatusTable.of(status, AT, 80);
    assertTrue(
        table.contains(
            "not served since the start:\n  dhcp.malformed.cookie 2\n  tftp.malformed.opcode 3\n"),
        table);
  }
}
