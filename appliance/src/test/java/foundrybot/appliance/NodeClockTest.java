// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeClockTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Optional<String> off(long seconds) {
    long told = NOW.getEpochSecond() + seconds;
    return NodeClock.off("hostname=w1 time=" + told + " kernel=6.1", NOW);
  }

  @Test
  void aFewMinutesAreNobodysFault() {
    assertEquals(Optional.empty(), off(300));
    assertEquals(Optional.empty(), off(-300));
  }

  @Test
  void moreIsSaidWithItsSide() {
    assertEquals(
        Optional.of(
            "the node's clock is 301 s ahead (expected: within 300 s of 2026-01-01T00:00:00Z)"),
        off(301));
    assertEquals(
        Optional.of(
            "the node's clock is 86400 s behind (expected: within 300 s of 2026-01-01T00:00:00Z)"),
        off(-86400));
  }

  @Test
  void whoTellsNoTimeOrNonsenseIsNotJudged() {
    assertEquals(Optional.empty(), NodeClock.off("hostname=w1", NOW));
    assertEquals(Optional.empty(), NodeClock.off("uptime=5", NOW));
    assertEquals(Optional.empty(), NodeClock.off("time=99999999999999999999", NOW));
    assertEquals(Optional.empty(), NodeClock.off("time=-5", NOW));
  }
}
