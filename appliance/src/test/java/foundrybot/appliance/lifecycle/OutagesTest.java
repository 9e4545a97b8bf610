// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutagesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HOUR = PowerRun.WINDOW;

  private static Instant at(int minutes) {
    return START.plus(Duration.ofMinutes(minutes));
  }

  private static Outages outage(int from, int to) {
    return Outages.NONE.after(new Fact(at(to), "", "fleet.outage", Outages.detail(at(from))));
  }

  @Test
  void aTimeThatAnOutageInterruptsCountsFromItsEnd() {
    assertEquals(at(0), Outages.NONE.counted(at(0), HOUR));
    assertEquals(at(200), outage(30, 200).counted(at(0), HOUR));
    assertEquals(at(0), outage(61, 200).counted(at(0), HOUR), "it was over before");
    assertEquals(at(210), outage(30, 200).counted(at(210), HOUR), "it began after it");
    assertEquals(at(500), outage(30, 200).with(at(250), at(500)).counted(at(0), HOUR));
    assertEquals(at(200), outage(30, 200).with(at(261), at(500)).counted(at(0), HOUR));
  }

  @Test
  void aNodesWindowIsOpenForItsHourAgain() {
    NodeState state = NodeState.planned(START);
    for (String kind : List.of("power.wanted", "power.asked", "power.told")) {
      state = state.after(new Fact(START, "52:54:00:aa:00:01", kind, "on"));
    }
    assertFalse(state.isWindowOpen(at(201)));
    assertTrue(state.isWindowOpen(at(201), outage(30, 200)));
    assertTrue(state.isWindowOpen(at(260), outage(30, 200)));
    assertFalse(state.isWindowOpen(at(261), outage(30, 200)));
    assertFalse(state.isWindowOpen(at(201), outage(61, 200)), "it was closed when it began");
    assertFalse(
        NodeState.planned(START).isWindowOpen(at(31), outage(30, 200)), "nobody deployed it");
  }

  @Test
  void whatIsNoOutageChangesNothing() {
    Fact broken = new Fact(at(9), "", "fleet.outage", "since yesterday");
    assertEquals(Outages.NONE, Outages.NONE.after(broken));
    assertEquals(Outages.NONE, Outages.NONE.after(new Fact(at(9), "", "fleet.braked", "since x")));
    assertEquals(Outages.NONE, outage(9, 9));
    assertEquals(Outages.NONE, outage(9, 3));
    Outages many = Outages.NONE;
    for (int i = 0; i < 100; i++) {
      many = many.with(at(2 * i), at(2 * i + 1));
    }
    assertEquals(16, many.spans().size());
    assertEquals(at(199), many.spans().getLast().to());
  }
}
