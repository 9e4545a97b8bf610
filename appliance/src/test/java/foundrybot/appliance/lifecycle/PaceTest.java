// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Pace.Kind WORKER = new Pace.Kind("debian-12", "worker");
  private static final Pace.Kind LEADER = new Pace.Kind("debian-12", "control-plane");
  private static final Pace.Kind OTHER = new Pace.Kind("debian-13", "worker");

  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private NodeState state = NodeState.planned(START);
  private Way way = Way.NONE.after(state);

  private void happens(int second, String kind, String detail) {
    state = state.after(new Fact(START.plusSeconds(second), "52:54:00:aa:00:01", kind, detail));
    way = way.after(state);
  }

  private static Way taking(int seconds) {
    return new Way(
        1,
        List.of(
            new Way.Rung(Stage.INSTALLING, START),
            new Way.Rung(Stage.ENROLLED, START.plusSeconds(seconds))));
  }

  private List<Stage> stages() {
    return way.rungs().stream().map(Way.Rung::stage).toList();
  }

  @Test
  void aWayHasEachStageWithTheTimeWhenItWasReached() {
    happens(10, "dhcp.offer", "");
    happens(20, "kernel.requested", "");
    happens(25, "http.progress", "artifact linux 5 of 10 bytes");
    happens(30, "report.installer-started", "");
    assertEquals(List.of(Stage.PLANNED, Stage.DHCP, Stage.KERNEL, Stage.INSTALLING), stages());
    assertEquals(START.plusSeconds(20), way.rungs().get(2).at());
  }

  @Test
  void anotherRunBeginsAnotherWayAndARescueIsNone() {
    happens(10, "dhcp.offer", "");
    happens(20, "rescue.started", "");
    happens(30, "dhcp.offer", "");
    assertEquals(List.of(Stage.PLANNED, Stage.DHCP), stages());
    assertEquals(START.plusSeconds(10), way.rungs().getLast().at());
    happens(40, "run.started", "");
    happens(50, "dhcp.offer", "");
    assertEquals(2, way.run());
    assertEquals(START.plusSeconds(50), way.rungs().getLast().at());
  }

  @Test
  void whatIsLeftIsTheUsualTimeLessWhatHasPassed() {
    Pace pace = new Pace();
    assertEquals(Optional.empty(), pace.left(WORKER, Stage.INSTALLING, START, START));
    for (int seconds : new int[] {100, 9000, 300}) {
      pace.arrived(WORKER, taking(seconds));
    }
    assertEquals(
        Optional.of(Duration.ofSeconds(250)),
        pace.left(WORKER, Stage.INSTALLING, START, START.plusSeconds(50)));
    assertEquals(
        Optional.of(Duration.ZERO),
        pace.left(WORKER, Stage.INSTALLING, START, START.plusSeconds(5000)));
    assertEquals(Optional.empty(), pace.left(WORKER, Stage.DHCP, START, START));
    assertEquals(Optional.empty(), pace.left(OTHER, Stage.INSTALLING, START, START));
    assertEquals(Optional.empty(), pace.left(WORKER, Stage.ENROLLED, START, START));
  }

  @Test
  void whatOthersOfTheSameRoleTookCountsAndWhereNoneHasTakenAnythingThatOfTheProfile() {
    Pace pace = new Pace();
    pace.arrived(WORKER, taking(100));
    pace.arrived(WORKER, taking(120));
    assertEquals(
        Optional.of(Duration.ofSeconds(100)),
        pace.left(LEADER, Stage.INSTALLING, START, START),
        "none has led yet");
    pace.arrived(LEADER, taking(901));
    assertEquals(
        Optional.of(Duration.ofSeconds(901)), pace.left(LEADER, Stage.INSTALLING, START, START));
    assertEquals(
        Optional.of(Duration.ofSeconds(100)), pace.left(WORKER, Stage.INSTALLING, START, START));
    assertEquals(Optional.empty(), pace.left(OTHER, Stage.INSTALLING, START, START));
  }

  @Test
  void onlyTheLatestArrivalsCount() {
    Pace pace = new Pace();
    for (int i = 0; i < 40; i++) {
      pace.arrived(WORKER, taking(i < 20 ? 9000 : 60));
    }
    assertEquals(
        Optional.of(Duration.ofSeconds(60)), pace.left(WORKER, Stage.INSTALLING, START, START));
  }
}
