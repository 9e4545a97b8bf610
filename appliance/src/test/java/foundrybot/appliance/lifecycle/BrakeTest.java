// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RetryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When it is the server or the switch, and none of the nodes. */
class BrakeTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final List<NodeState> fleet = new ArrayList<>();
  private Instant now = START;
  private Instant listening = START;
  private RetryLimits limits = new RetryLimits(3, Duration.ofMinutes(15));
  private Deadlines deadlines = Deadlines.USUAL;
  private Brake brake = Brake.OFF;

  private NodeState node(String... kinds) {
    NodeState state = NodeState.planned(START);
    for (String kind : kinds) {
      state = state.after(fact(kind, ""));
    }
    return state;
  }

  private void passes(int minutes) {
    now = now.plus(Duration.ofMinutes(minutes));
  }

  private Fact fact(String kind, String detail) {
    return new Fact(now, "", kind, detail);
  }

  private void add(int count, String... kinds) {
    for (int i = 0; i < count; i++) {
      fleet.add(node(kinds));
    }
  }

  private Optional<String> trips() {
    return brake.trips(
        fleet.stream().map(state -> new Brake.Watched(state, deadlines.since(listening))).toList(),
        List.of(limits),
        now);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 0, false",
    "3, 0, true",
    "3, 6, true",
    "3, 7, false",
    "30, 70, false",
    "31, 69, true"
  })
  void moreThanThirtyPerCentAndAtLeastThree(int failing, int moving, boolean stops) {
    add(failing, "power.told");
    passes(16);
    add(moving, "power.told");
    add(50);
    assertEquals(stops, trips().isPresent());
    trips()
        .ifPresent(
            why ->
                assertEquals(
                    failing
                        + " of "
                        + (failing + moving)
                        + " nodes under way failed at powered-on within 15 min: it is the server or"
                        + " the switch, not the nodes",
                    why));
  }

  @Test
  void failuresAtDifferentStagesAreTheNodesOwn() {
    add(2, "power.told", "dhcp.offer");
    add(2, "power.told", "tftp.rrq");
    add(2, "power.told", "token.minted");
    passes(15);
    assertEquals(Optional.empty(), trips());
  }

  @Test
  void whoWasCycledForItCountsAndWhoFailedLongBeforeDoesNot() {
    NodeState stuck = node("power.told");
    passes(16);
    String detail = Handling.cycleDetail(Stage.POWERED_ON, "no DISCOVER");
    listening = START.minus(Duration.ofHours(1));
    fleet.add(stuck.after(fact("power.again", detail)));
    fleet.add(stuck.after(fact("power.again", detail)));
    assertEquals(Optional.empty(), trips());
    fleet.add(stuck);
    assertTrue(trips().isPresent());
    passes(16);
    assertEquals(Optional.empty(), trips());
  }

  @Test
  void itStopsOnceAndWhatFailedBeforeItWasReleasedCountsNoMore() {
    add(3, "power.told");
    passes(16);
    brake = brake.after(fact("fleet.braked", trips().orElseThrow()));
    assertEquals(Optional.empty(), trips(), "it is said already");
    assertEquals(Optional.of(now), brake.since());
    brake = brake.after(fact("fleet.released", "alice"));
    assertEquals(Optional.empty(), brake.since());
    assertEquals(Optional.empty(), trips());
  }

  @Test
  void whatIsHeldAndWhoIsInRescueIsNotUnderWay() {
    add(3, "power.told");
    passes(16);
    add(7, "power.told", "node.held");
    add(7, "rescue.started", "power.told");
    assertTrue(trips().isPresent());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nobody deployed it     | dhcp.offer boot.held
          people switch it on    | power.by-hand dhcp.offer
          its BMC refused        | power.wanted power.refused
          nobody knows its power | power.asked power.unknown
          it is held             | power.told node.held
          it has a finished disk | power.told report.installed
          """)
  void whoNobodyCyclesStopsNothing(String why, String kinds) {
    add(9, kinds.split(" ", -1));
    passes(16);
    assertEquals(Optional.empty(), trips(), why);
  }

  @Test
  void whereNothingIsRetriedNothingIsStopped() {
    add(9, "power.told");
    passes(16);
    assertTrue(trips().isPresent());
    limits = new RetryLimits(0, Duration.ofMinutes(15));
    assertEquals(Optional.empty(), trips());
    limits = new RetryLimits(0, Duration.ofMinutes(15), Map.of("powered-on", 1));
    assertTrue(trips().isPresent(), "there is something to stop");
  }

  @Test
  void whoWasSilentBeforeTheApplianceStartedIsNoNewFailure() {
    add(9, "power.told");
    passes(60);
    listening = now;
    passes(15);
    assertEquals(Optional.empty(), trips(), "all are due in one moment");
    String detail = Handling.cycleDetail(Stage.POWERED_ON, "no DISCOVER");
    fleet.replaceAll(state -> state.after(fact("power.again", detail)));
    assertEquals(Optional.empty(), trips(), "nor are their power cycles");
    fleet.replaceAll(state -> state.after(fact("power.told", "on")));
    passes(15);
    assertTrue(trips().isPresent(), "now they fail again");
  }

  @Test
  void theSentenceHasTheRackFilesTimes() {
    deadlines = new Deadlines(Map.of(Stage.POWERED_ON, Duration.ofMinutes(40)), START);
    add(3, "power.told");
    passes(16);
    assertEquals(Optional.empty(), trips());
    passes(60);
    String why = trips().orElseThrow();
    assertTrue(why.contains("failed at powered-on within 40 min"), why);
    passes(5);
    assertEquals(Optional.empty(), trips(), "that is long ago");
  }

  @Test
  void itsFactsAreKeptWhenOldEvidenceIsDropped() {
    DecidingFacts facts = new DecidingFacts(mac -> !mac.isEmpty());
    facts.see(0, fact("fleet.braked", "3 of 4"));
    facts.see(1, fact("http.request", "GET /"));
    facts.see(2, fact("fleet.released", "alice"));
    assertEquals(BitSet.valueOf(new long[] {0b101}), facts.places());
  }
}
