// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From the rack file to the condition of a node. */
class DeadlinesTest {
  private static final String RACK =
      """
      cluster: alpha
      domain: alpha.rack
      appliance: { address: 10.77.0.1/24 }
      admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
      roles:
        worker: { deadlines: { installing: 45m, dhcp: 90s } }
      nodes:
        52:54:00:aa:00:01: worker
        52:54:00:aa:00:02: { role: worker, deadlines: { installing: 2h } }
        52:54:00:aa:00:03: etcd
      """
          .formatted("A".repeat(43));

  private static List<Node> nodes(String text) {
    return switch (RackFiles.read(text, "rack.yaml")) {
      case RackReading.Valid(var rack) -> rack.nodes();
      case RackReading.Invalid invalid -> throw new AssertionError(invalid.faults());
    };
  }

  private static Optional<Duration> installing(Node node) {
    return Deadlines.of(node.deadlines()).limit(Stage.INSTALLING);
  }

  @Test
  void aNodesOwnGoBeforeThoseOfItsRoleAndTheseBeforeTheUsual() {
    List<Node> nodes = nodes(RACK);
    assertEquals(Optional.of(Duration.ofMinutes(45)), installing(nodes.get(0)));
    assertEquals(Optional.of(Duration.ofHours(2)), installing(nodes.get(1)));
    assertEquals(
        Optional.of(Duration.ofSeconds(90)),
        Deadlines.of(nodes.get(1).deadlines()).limit(Stage.DHCP));
    assertEquals(Stage.INSTALLING.limit(), installing(nodes.get(2)));
  }

  @Test
  void aCastIsSilentForLessTimeUnlessTheRackFileSaysMore() {
    List<Node> nodes = nodes(RACK.replace("admin:", "profile: debian-12-cast\nadmin:"));
    assertEquals(
        Optional.of(Duration.ofMinutes(15)), Deadlines.of(nodes.get(2)).limit(Stage.INSTALLING));
    assertEquals(Stage.KERNEL.limit(), Deadlines.of(nodes.get(2)).limit(Stage.KERNEL));
    assertEquals(
        Optional.of(Duration.ofHours(2)), Deadlines.of(nodes.get(1)).limit(Stage.INSTALLING));
    assertEquals(Deadlines.USUAL, Deadlines.of(nodes(RACK).get(2)));
  }

  @Test
  void aNodeIsStuckWhenItsOwnTimeIsOver() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    Fact begun = new Fact(start, "52:54:00:aa:00:01", "answer.served", "preseed.cfg");
    NodeState state = NodeState.planned(start).after(begun);
    Deadlines own = Deadlines.of(nodes(RACK).getFirst().deadlines());
    Instant later = start.plus(Duration.ofMinutes(45));
    assertEquals(Condition.OK, state.condition(later, own));
    assertEquals(Condition.STUCK, state.condition(later, Deadlines.USUAL));
    assertEquals(Condition.STUCK, state.condition(later.plusSeconds(1), own));
    assertEquals(
        "installer-silent",
        Diagnosis.of("w1", state, later.plusSeconds(1), own, SiteServers.NONE)
            .orElseThrow()
            .code());
    assertTrue(Diagnosis.of("w1", state, later, own, SiteServers.NONE).isEmpty());
  }

  @Test
  void silenceBeforeTheApplianceListensIsNobodys() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    Fact begun = new Fact(start, "52:54:00:aa:00:01", "answer.served", "preseed.cfg");
    NodeState state = NodeState.planned(start).after(begun);
    Instant listening = start.plus(Duration.ofDays(3));
    Deadlines own = Deadlines.of(nodes(RACK).getFirst().deadlines()).since(listening);
    Instant end = listening.plus(Duration.ofMinutes(45));
    assertEquals(Optional.of(end), state.deadline(own));
    assertEquals(Condition.OK, state.condition(end, own));
    assertTrue(Diagnosis.of("w1", state, end, own, SiteServers.NONE).isEmpty());
    assertEquals(Condition.STUCK, state.condition(end.plusSeconds(1), own));
    Fact moved = new Fact(listening.plusSeconds(60), begun.mac(), "report.progress", "");
    assertEquals(Optional.of(end.plusSeconds(60)), state.after(moved).deadline(own));
  }

  @Test
  void theRackFileKnowsEveryStageAtWhichSomebodyWaitsAndNoOther() {
    for (Stage stage : Stage.values()) {
      String text = RACK.replace("{ installing: 2h }", "{ " + stage + ": 2h }");
      boolean known = RackFiles.read(text, "rack.yaml") instanceof RackReading.Valid;
      assertEquals(stage.limit().isPresent(), known, stage.toString());
    }
    assertEquals(Deadlines.USUAL, Deadlines.of(Map.of("nonsense", Duration.ofHours(1))));
  }

  @Test
  void aTimeThatIsNoneIsRefusedWithItsPlace() {
    for (String time : List.of("45", "0m", "9s", "49h", "1d", "-1m", "45 m")) {
      String text = RACK.replace("installing: 2h", "installing: " + time);
      switch (RackFiles.read(text, "rack.yaml")) {
        case RackReading.Valid _ -> throw new AssertionError(time + " was taken");
        case RackReading.Invalid invalid -> {
          String said = invalid.faults().toString();
          assertTrue(said.contains("deadlines.installing"), said);
          assertTrue(said.contains("10s to 48h"), said);
        }
      }
    }
  }
}
