// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.phases.PhaseState.Pending;
import foundrybot.appliance.phases.PhaseState.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PhasesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static final RackFile RACK =
      rack(
          """
          phases:
            etcd: { roles: [etcd], need: majority, checks: { client: { port: 2379 on wg1 } } }
            control-plane:
              roles: [control-plane]
              deadline: 10m
              checks: { api: { port: 6443 on wg1 }, kubelet: { service: kubelet.service } }
            storage: { roles: [storage] }
            workers: { roles: [worker] }
          mesh: { planes: { control: 10.80.1.0/24 } }
          nodes:
            52:54:00:aa:00:01: { role: etcd, address: 10.77.0.11 }
            52:54:00:aa:00:02: { role: etcd, address: 10.77.0.12 }
            52:54:00:aa:00:03: { role: etcd, address: 10.77.0.13 }
            52:54:00:aa:00:04: { role: control-plane, name: cp-1, address: 10.77.0.14 }
            52:54:00:aa:00:05: { role: control-plane, name: cp-2, address: 10.77.0.15 }
            52:54:00:aa:00:06: { role: worker, name: w1, address: 10.77.0.16 }
          """);

  private final Map<Mac, NodeState> states = new HashMap<>();
  private final GateBook gates = new GateBook();
  private Instant now = START;
  private Instant listening = START;

  private static RackFile rack(String rest) {
    String head =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin:
          user: ops
          ssh-keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me
        """;
    return switch (RackFiles.read(head + rest, "rack.yaml")) {
      case RackReading.Valid valid -> valid.rack();
      case RackReading.Invalid invalid ->
          throw new IllegalStateException(RackFiles.report(invalid.faults()));
    };
  }

  private void happens(String node, String kind, String detail) {
    Mac mac = RACK.node(node).orElseThrow().mac();
    Fact fact = new Fact(now, mac.toString(), kind, detail);
    if (!gates.apply(fact)) {
      states.merge(mac, NodeState.planned(START).after(fact), (before, _) -> before.after(fact));
    }
  }

  private void enrolled(String... nodes) {
    for (String node : nodes) {
      happens(node, "enrolled", "");
    }
  }

  private void passed(String check, String... nodes) {
    for (String node : nodes) {
      happens(node, "gate.passed", check);
    }
  }

  private void later(Duration time) {
    now = now.plus(time);
  }

  private List<PhaseState> phases() {
    return Phases.of(
        RACK,
        mac -> states.getOrDefault(mac, NodeState.planned(START)),
        gates::of,
        node -> "the reason of " + node.name(),
        listening,
        now);
  }

  private PhaseState phase(String name) {
    return phases().stream().filter(it -> it.name().equals(name)).findFirst().orElseThrow();
  }

  private String standings() {
    return String.join(" ", phases().stream().map(it -> it.standing().toString()).toList());
  }

  @Test
  void aPhaseWhoseRolesNoNodeHasIsLeftOutAndTheOthersAreCounted() {
    assertEquals(
        List.of("1 etcd", "2 control-plane", "3 workers"),
        phases().stream().map(it -> it.number() + " " + it.name()).toList());
    assertEquals("running waiting waiting", standings());
  }

  @Test
  void aPhaseIsDoneWhenAsManyAsItNeedsAreEnrolledAndPassAndOpensTheNextOne() {
    enrolled("etcd-1", "etcd-2", "etcd-3", "cp-1", "cp-2", "w1");
    passed("client", "etcd-1");
    assertEquals("running waiting waiting", standings());
    passed("client", "etcd-3");
    assertEquals("done running waiting", standings());
    assertEquals(
        new PhaseState(
            1,
            "etcd",
            Standing.DONE,
            2,
            2,
            3,
            List.of(new Pending("etcd-2", "port 2379 on wg1: unknown, never reported")),
            Optional.of(START)),
        phase("etcd"));
    passed("api", "cp-1", "cp-2");
    passed("kubelet", "cp-1", "cp-2");
    assertEquals("done done done", standings());
  }

  @Test
  void aCheckThatFailsBlocksWhenTheDeadlineOfThePhaseHasPassedSinceItOpened() {
    enrolled("etcd-1", "etcd-2", "etcd-3", "cp-1", "cp-2");
    later(MINUTE.multipliedBy(20));
    passed("client", "etcd-1", "etcd-2", "etcd-3");
    for (int i = 0; i <= 10; i++) {
      assertEquals(Standing.RUNNING, phase("control-plane").standing(), "minute " + i);
      reportsOfAMinute();
    }
    assertEquals(
        List.of(new Pending("cp-2", "port 6443 on wg1: refused, since 2026-01-01T00:21:00Z")),
        running().pending());
    reportsOfAMinute();
    assertEquals("done blocked waiting", standings());
    assertEquals(running().pending(), phase("control-plane").pending());
    assertEquals(1, phase("control-plane").ready());
  }

  private PhaseState running() {
    return phase("control-plane");
  }

  private void reportsOfAMinute() {
    later(MINUTE);
    passed("client", "etcd-1", "etcd-2", "etcd-3");
    passed("api", "cp-1");
    passed("kubelet", "cp-1", "cp-2");
    happens("cp-2", "gate.failed", "api refused");
  }

  @Test
  void whatWasPassedLongAgoIsUnknownAndSaysSo() {
    enrolled("etcd-1", "etcd-2", "etcd-3");
    passed("client", "etcd-1", "etcd-2");
    later(Phases.STALE);
    assertEquals(Standing.DONE, phase("etcd").standing());
    later(Duration.ofSeconds(1));
    assertEquals(Standing.RUNNING, phase("etcd").standing());
    assertEquals(
        new Pending(
            "etcd-1", "port 2379 on wg1: unknown, not reported, since 2026-01-01T00:00:00Z"),
        phase("etcd").pending().getFirst());
    later(Duration.ofMinutes(30));
    assertEquals(Standing.BLOCKED, phase("etcd").standing());
    passed("client", "etcd-1", "etcd-2");
    assertEquals(Standing.DONE, phase("etcd").standing());
  }

  @Test
  void afterAStartOfTheApplianceWhatWasPassedHoldsUntilItCouldHaveBeenReportedAgain() {
    enrolled("etcd-1", "etcd-2", "etcd-3");
    passed("client", "etcd-1", "etcd-2");
    later(Duration.ofDays(3));
    listening = now;
    assertEquals(Standing.DONE, phase("etcd").standing(), "only the change was written down");
    later(Phases.STALE);
    assertEquals(Standing.DONE, phase("etcd").standing());
    later(Duration.ofSeconds(1));
    assertEquals(Standing.RUNNING, phase("etcd").standing());
    later(Duration.ofMinutes(30));
    assertEquals(Standing.BLOCKED, phase("etcd").standing());
  }

  @Test
  void silenceBeforeAStartOfTheApplianceBlocksNothing() {
    happens("etcd-1", "answer.served", "preseed.cfg");
    happens("etcd-2", "answer.served", "preseed.cfg");
    enrolled("etcd-3");
    later(Duration.ofDays(3));
    assertEquals(Standing.BLOCKED, phase("etcd").standing());
    listening = now;
    assertEquals(Standing.RUNNING, phase("etcd").standing());
    later(MINUTE.multipliedBy(31));
    assertEquals(Standing.BLOCKED, phase("etcd").standing());
  }

  @Test
  void aStuckNodeBlocksOnlyWhereTheOthersAreNotEnough() {
    enrolled("etcd-1", "etcd-2");
    happens("etcd-3", "answer.served", "preseed.cfg");
    happens("etcd-3", "report.failed", "no disk");
    assertEquals(Standing.RUNNING, phase("etcd").standing());
    assertEquals(
        List.of("the reason of etcd-3"),
        phase("etcd").pending().stream()
            .filter(it -> it.node().equals("etcd-3"))
            .map(it -> it.why().replaceFirst("^installing: ", ""))
            .toList());
    happens("etcd-2", "run.started", "");
    happens("etcd-2", "report.failed", "no disk either");
    assertEquals(Standing.BLOCKED, phase("etcd").standing());
    assertEquals(
        List.of("etcd-2", "etcd-3"), phase("etcd").pending().stream().map(Pending::node).toList());
  }

  @Test
  void aReleasedNodeIsNotWaitedForAsLongAsEnoughAreLeft() {
    enrolled("etcd-1", "etcd-2", "cp-1");
    passed("client", "etcd-1", "etcd-2");
    passed("api", "cp-1");
    passed("kubelet", "cp-1");
    happens("etcd-3", "node.released", "by admin");
    happens("cp-2", "node.released", "by admin");
    happens("w1", "node.released", "by admin");
    assertEquals(2, phase("etcd").of());
    assertEquals(Standing.DONE, phase("control-plane").standing());
    assertEquals(2, phases().size(), "nobody is left of the workers");

    for (String node : List.of("etcd-1", "etcd-2")) {
      happens(node, "node.released", "by admin");
    }
    assertEquals(Standing.BLOCKED, phase("etcd").standing(), "there is no majority of none");
    assertEquals(
        new Pending("etcd-1", "released: deploy it by its name, or take it out of the rack file"),
        phase("etcd").pending().getFirst());
  }

  @Test
  void whatTheSystemBeforeThisOneProvedIsNotBelieved() {
    enrolled("etcd-1", "etcd-2", "etcd-3");
    passed("client", "etcd-1", "etcd-2");
    later(Duration.ofSeconds(30));
    happens("etcd-1", "run.started", "");
    enrolled("etcd-1");
    assertEquals(1, phase("etcd").ready());
    later(Duration.ofSeconds(1));
    passed("client", "etcd-1");
    assertEquals(2, phase("etcd").ready());
  }

  private String before(String node) {
    return Phases.before(
            RACK,
            RACK.node(node).orElseThrow(),
            mac -> states.getOrDefault(mac, NodeState.planned(START)),
            gates::of,
            listening,
            now)
        .map(PhaseState::name)
        .orElse("");
  }

  @Test
  void aNodeMayBeginWhenAllPhasesBeforeItsOwnAreDone() {
    enrolled("etcd-1", "etcd-2", "cp-1", "cp-2");
    assertEquals("", before("etcd-3"));
    assertEquals("etcd", before("w1"));
    passed("client", "etcd-1", "etcd-2");
    assertEquals("", before("cp-1"));
    assertEquals("control-plane", before("w1"));
    passed("api", "cp-1", "cp-2");
    passed("kubelet", "cp-1", "cp-2");
    assertEquals("", before("w1"));
  }

  @Test
  void aReportThatSaysTheSameIsNoNewsButKeepsTheResultFresh() {
    Mac mac = RACK.node("etcd-1").orElseThrow().mac();
    assertEquals(Optional.of(""), gates.news(mac, "client", true, "", now, Instant.EPOCH));
    passed("client", "etcd-1");
    later(MINUTE);
    assertEquals(Optional.empty(), gates.news(mac, "client", true, "leader", now, Instant.EPOCH));
    assertEquals(new CheckResult(true, "leader", START, now), gates.of(mac).get("client"));
    assertEquals(Optional.of("down"), gates.news(mac, "client", false, "down", now, Instant.EPOCH));
  }

  @Test
  void whatIsSaidAfterAnotherEnrollmentIsNewsThoughItIsTheSame() {
    Mac mac = RACK.node("etcd-1").orElseThrow().mac();
    passed("client", "etcd-1");
    later(MINUTE);
    Instant enrolled = now;
    later(MINUTE);
    assertEquals(Optional.of(""), gates.news(mac, "client", true, "", now, enrolled));
    passed("client", "etcd-1");
    assertEquals(Optional.empty(), gates.news(mac, "client", true, "", now, enrolled));
  }

  @Test
  void aCheckThatChangesAllTheTimeIsWrittenAFewTimesAMinuteAndTheRestIsCounted() {
    Mac mac = RACK.node("etcd-1").orElseThrow().mac();
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      now = now.plusMillis(60);
      boolean passes = i % 2 == 0;
      gates
          .news(mac, "client", passes, "", now, Instant.EPOCH)
          .ifPresent(
              words -> {
                written.add(words);
                String kind = passes ? "gate.passed" : "gate.failed";
                gates.apply(new Fact(now, mac.toString(), kind, "client " + words));
              });
    }
    assertEquals(List.of("", "", "", ""), written);
    // As it is written it stays: failed, and so a failure is no news.
    assertEquals(
        Optional.of(false),
        Optional.ofNullable(gates.of(mac).get("client")).map(CheckResult::passed));
    later(MINUTE);
    assertEquals(Optional.empty(), gates.news(mac, "client", false, "", now, Instant.EPOCH));
    assertEquals(
        Optional.of("(498 changes before were not written)"),
        gates.news(mac, "client", true, "", now, Instant.EPOCH));
  }

  @Test
  void aNodeThatNobodySwitchedOnYetIsWaitedForForEver() {
    later(Duration.ofDays(30));
    assertEquals("running waiting waiting", standings());
    assertTrue(phases().stream().allMatch(it -> it.pending().isEmpty()));
  }

  private static final RackFile MESH =
      rack(
          """
          mesh: { planes: { control: 10.80.1.0/24 } }
          nodes:
            52:54:00:aa:00:01: { role: etcd, address: 10.77.0.11 }
            52:54:00:aa:00:02: { role: etcd, address: 10.77.0.12 }
            52:54:00:aa:00:06: { role: worker, name: w1, address: 10.77.0.16 }
          """);

  private static final RackFile STAR =
      rack(
          """
          mesh: { planes: { control: { subnet: 10.80.1.0/24, topology: hub, hub: hub-1 } } }
          nodes:
            52:54:00:aa:00:01: { role: etcd, address: 10.77.0.11 }
            52:54:00:aa:00:02: { role: etcd, address: 10.77.0.12 }
            52:54:00:aa:00:06: { role: hub, name: hub-1, address: 10.77.0.16 }
          """);

  private String ofMesh(RackFile rack) {
    Function<Mac, NodeState> of = mac -> states.getOrDefault(mac, NodeState.planned(START));
    String lines =
        Phases.of(rack, of, gates::of, _ -> "", listening, now).stream()
            .map(it -> it.standing().toString())
            .collect(Collectors.joining(" "));
    return Phases.unreached(rack, of, gates::of, listening, now).stream()
        .map(it -> " " + it.node())
        .collect(Collectors.joining("", lines + ":", ""));
  }

  private void silence(String... nodes) {
    for (String node : nodes) {
      happens(node, "gate.failed", "mesh no handshake with any of 1 peers on wg1");
    }
  }

  @Test
  void ofABuiltInCheckOnlyWhatANodeSaysCounts() {
    enrolled("etcd-1", "etcd-2", "w1");
    assertEquals("done done:", ofMesh(MESH));
    passed("mesh", "etcd-1");
    silence("etcd-2");
    assertEquals("running waiting:", ofMesh(MESH));
    later(MINUTE.multipliedBy(11));
    assertEquals("blocked waiting: etcd-2", ofMesh(MESH));
    passed("mesh", "etcd-2");
    later(Duration.ofDays(1));
    assertEquals("done done:", ofMesh(MESH));
    silence("w1");
    later(MINUTE.multipliedBy(11));
    assertEquals("done blocked: w1", ofMesh(MESH));
  }

  @Test
  void nobodyWaitsForAPeerThatIsNotThereOrWaitsForHim() {
    enrolled("etcd-1");
    silence("etcd-1");
    later(MINUTE.multipliedBy(11));
    assertEquals("running waiting:", ofMesh(MESH), "the first node of all");
    enrolled("w1");
    silence("w1");
    later(MINUTE.multipliedBy(11));
    assertEquals("running waiting: etcd-1 w1", ofMesh(MESH), "neither reaches the other");
    passed("mesh", "w1");
    assertEquals("running waiting: etcd-1", ofMesh(MESH), "a worker comes after etcd");
    silence("w1");
    later(MINUTE.multipliedBy(11));
    enrolled("etcd-2");
    passed("mesh", "etcd-2");
    assertEquals("blocked waiting: etcd-1 w1", ofMesh(MESH));
  }

  @Test
  void ofAStarTheHubAloneIsAPeer() {
    enrolled("etcd-1", "etcd-2");
    silence("etcd-1", "etcd-2");
    later(MINUTE.multipliedBy(11));
    // As far as etcd goes; the hub is not there yet.
    assertEquals("running waiting:", ofMesh(STAR));
    happens("w1", "enrolled", "");
    passed("mesh", "w1");
    assertEquals("done running:", ofMesh(STAR), "who has just come may not have been heard yet");
    later(MINUTE.multipliedBy(11));
    passed("mesh", "w1");
    silence("etcd-1", "etcd-2");
    assertEquals("done blocked: etcd-1 etcd-2", ofMesh(STAR));
    passed("mesh", "etcd-1", "etcd-2");
    silence("w1");
    later(MINUTE.multipliedBy(11));
    assertEquals("done done: hub-1", ofMesh(STAR), "its phase is done, and yet it is cut off");
  }

  @Test
  void aPhaseThatFallsBackTakesThoseBehindItAlong() {
    enrolled("etcd-1", "etcd-2", "etcd-3", "cp-1", "cp-2", "w1");
    passed("client", "etcd-1", "etcd-2");
    passed("api", "cp-1", "cp-2");
    passed("kubelet", "cp-1", "cp-2");
    assertEquals("done done done", standings());
    later(MINUTE);
    happens("etcd-2", "gate.failed", "client refused");
    assertEquals("running waiting waiting", standings());
    assertEquals(2, phase("control-plane").ready());
  }

  @Test
  void whatARoleAddsToABuiltInPhaseIsWaitedForThoughWhatIsBuiltInIsNot() {
    RackFile rack =
        rack(
            """
            roles: { worker: { ready: { kubelet: { service: kubelet } } } }
            mesh: { planes: { control: 10.80.1.0/24 } }
            nodes:
              52:54:00:aa:00:06: { role: worker, name: w1, address: 10.77.0.16 }
              52:54:00:aa:00:07: { role: storage, name: s1, address: 10.77.0.17 }
            """);
    NodeState enrolled =
        NodeState.planned(START).after(new Fact(START, "52:54:00:aa:00:06", "enrolled", ""));
    Instant soon = START.plus(MINUTE);
    PhaseState before =
        Phases.of(rack, _ -> enrolled, _ -> Map.of(), _ -> "", START, soon).getFirst();
    assertEquals(Standing.RUNNING, before.standing());
    assertEquals(
        List.of(new Pending("w1", "service kubelet: unknown, never reported")), before.pending());
    Mac mac = rack.nodes().getFirst().mac();
    gates.apply(new Fact(soon, mac.toString(), "gate.passed", "kubelet"));
    PhaseState after = Phases.of(rack, _ -> enrolled, gates::of, _ -> "", START, soon).getFirst();
    assertEquals(Standing.DONE, after.standing());
    assertEquals(2, after.ready());
  }
}
