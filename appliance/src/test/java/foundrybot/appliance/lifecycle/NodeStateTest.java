// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeStateTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String MAC = "52:54:00:aa:00:01";

  private Instant now = START;
  private NodeState state = NodeState.planned(START);

  private void happens(String kind, String detail) {
    now = now.plusSeconds(1);
    state = state.after(new Fact(now, MAC, kind, detail));
  }

  private void installs() {
    happens("dhcp.offer", "");
    happens("tftp.rrq", "snponly.efi");
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("kernel.requested", "linux");
    happens("answer.served", "preseed.cfg");
    happens("report.installed", "");
  }

  @Test
  void aNodeClimbsOneStageAfterTheOtherToEnrolled() {
    installs();
    assertEquals(Stage.INSTALLED, state.stage());
    happens("report.first-boot", "");
    assertEquals(Stage.FIRST_BOOT, state.stage());
    happens("enrolled", "hostname=w1");
    assertTrue(state.isComplete());
    assertEquals(Condition.OK, state.condition(now));
  }

  @Test
  void evidenceFromAnEarlierStageNeverTakesANodeBack() {
    installs();
    happens("dhcp.offer", "");
    happens("tftp.rrq", "snponly.efi");
    assertEquals(Stage.INSTALLED, state.stage());
  }

  @Test
  void twoMachinesWithOneTokenAreDoubtedAlsoWhenOneOfThemHasEnrolled() {
    installs();
    happens("enrolled", "hostname=w1");
    happens("token.contested", "hash-9 10.0.0.1 has enrolled with it");
    assertTrue(state.isMember(), "that token is of no run of its");
    happens("token.contested", "hash-1 10.0.0.1 has enrolled with it, and 10.0.0.2 enrols");
    assertTrue(state.isComplete());
    assertFalse(state.isMember());
    assertEquals(Condition.STUCK, state.condition(now));
    String why = "two machines have its token: 10.0.0.1 has enrolled with it, and 10.0.0.2 enrols";
    assertEquals(Optional.of(why), state.quarantine());
    happens("run.started", "");
    assertEquals(Optional.empty(), state.quarantine());
  }

  private boolean isHeard(Duration after, Deadlines deadlines) {
    return state.isHeard(now.plus(after), Outages.NONE, deadlines);
  }

  @Test
  void aTokenIsHeardForAnHourAfterTheLastProgressOrAsLongAsTheStageMayTake() {
    installs();
    assertTrue(isHeard(Duration.ofMinutes(60), Deadlines.USUAL));
    assertFalse(isHeard(Duration.ofMinutes(61), Deadlines.USUAL));
    Deadlines longer = Deadlines.of(Map.of("installed", Duration.ofHours(2)));
    assertTrue(isHeard(Duration.ofHours(2), longer));
    assertFalse(isHeard(Duration.ofMinutes(121), longer));
    Deadlines shorter = Deadlines.of(Map.of("installed", Duration.ofMinutes(2)));
    assertTrue(isHeard(Duration.ofMinutes(60), shorter));
    happens("window.armed", PowerRun.armedDetail(now.plus(Duration.ofHours(3))));
    assertTrue(isHeard(Duration.ofMinutes(170), Deadlines.USUAL));
  }

  private List<String> live() {
    return state.tokens().live().stream().map(RunToken::hash).toList();
  }

  private Optional<String> waiting() {
    return state.tokens().waiting().map(RunToken::hash);
  }

  @Test
  void aTokenWaitsUntilSomebodyComesWithIt() {
    happens("token.minted", "hash-1 salt-1");
    assertEquals(Stage.SCRIPT, state.stage());
    assertEquals(1, state.attempt());
    assertEquals(Optional.of("hash-1"), waiting());
    assertEquals("salt-1", state.tokens().waiting().orElseThrow().salt());
    happens("token.used", "hash-1 linux");
    assertEquals(Optional.empty(), waiting());
    assertEquals(List.of("hash-1"), live());
    assertEquals(1, state.attempt());
  }

  @Test
  void aScriptThatAnybodyAskedForChangesNothingOfTheAttemptThatIsUnderWay() {
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("answer.served", "preseed.cfg");
    Instant moved = state.progressAt();
    happens("token.minted", "hash-2 salt-2");
    assertEquals(Stage.INSTALLING, state.stage());
    assertEquals(1, state.attempt());
    assertEquals(moved, state.progressAt());
    assertEquals(List.of("hash-1", "hash-2"), live());
    happens("report.step", "partitioned");
    assertEquals(List.of("hash-1", "hash-2"), live());
  }

  @Test
  void whoComesWithTheNextTokenHasStartedOverAndTheOneBeforeIsBurnt() {
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("answer.served", "preseed.cfg");
    happens("report.failed", "no disk");
    happens("token.minted", "hash-2 salt-2");
    assertEquals(Condition.STUCK, state.condition(now));
    happens("token.used", "hash-2 linux");
    assertEquals(Stage.SCRIPT, state.stage());
    assertEquals(2, state.attempt());
    assertEquals(Condition.RETRYING, state.condition(now));
    assertEquals(List.of("hash-2"), live());
    happens("token.used", "hash-1 late.sh");
    assertEquals(List.of("hash-2"), live());
    assertEquals(2, state.attempt());
  }

  @Test
  void aFinishedDiskBurnsTheTokenThatWaits() {
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("token.minted", "hash-2 salt-2");
    happens("report.installed", "");
    assertEquals(List.of("hash-1"), live());
  }

  @Test
  void aRunHasFewLiveTokensHoweverOftenTheKeyIsLost() {
    happens("token.minted", "used salt");
    happens("token.used", "used linux");
    for (int i = 0; i < 10; i++) {
      happens("token.minted", "hash-" + i + " salt");
    }
    assertEquals(RunTokens.MAX, live().size());
    assertEquals(List.of("used", "hash-8", "hash-9"), live());
  }

  @Test
  void aJournalOfBeforeTokensHadASaltStillSaysWhatItSaid() {
    happens("token.minted", "hash-1");
    happens("kernel.requested", "linux");
    happens("token.minted", "hash-2");
    assertEquals(Stage.SCRIPT, state.stage());
    assertEquals(2, state.attempt());
    assertEquals(Condition.RETRYING, state.condition(now));
    assertEquals(List.of("hash-2"), live());
    assertEquals(Optional.empty(), waiting(), "nobody can make it again");
    happens("token.minted", "hash-3 salt-3");
    assertEquals(List.of("hash-2", "hash-3"), live());
  }

  @Test
  void anInstalledMachineIsNeverGivenANewTokenInTheSameRun() {
    installs();
    happens("token.minted", "hash-2 salt-2");
    assertEquals(Stage.INSTALLED, state.stage());
    assertEquals(List.of("hash-1"), live());
    assertTrue(state.bootsFromDisk());
  }

  @Test
  void theOperatorsWordBeginsANewRunWithoutTheOldToken() {
    installs();
    happens("run.started", "by the operator");
    assertEquals(Stage.PLANNED, state.stage());
    assertEquals(2, state.run());
    assertEquals(List.of(), live());
    assertFalse(state.bootsFromDisk());
  }

  @Test
  void aNodeIsStuckWhenItsDeadlineHasPassedWithoutProgress() {
    happens("dhcp.offer", "");
    Duration limit = Stage.DHCP.limit().orElseThrow();
    assertEquals(Condition.OK, state.condition(now.plus(limit)));
    assertEquals(Condition.STUCK, state.condition(now.plus(limit).plusMillis(1)));
    assertTrue(Diagnosis.of("w1", state, now.plus(limit).plusMillis(1)).isPresent());
    assertTrue(Diagnosis.of("w1", state, now).isEmpty());
  }

  @Test
  void askingAgainAndAgainIsNotProgress() {
    happens("dhcp.offer", "");
    Instant reached = now;
    for (int i = 0; i < 300; i++) {
      happens("dhcp.offer", "");
    }
    assertEquals(reached, state.progressAt());
    assertEquals(Condition.STUCK, state.condition(now));
  }

  @Test
  void flowingBytesMoveTheDeadline() {
    happens("token.minted", "hash-1");
    happens("kernel.requested", "linux");
    for (int i = 0; i < 1000; i++) {
      happens("http.progress", "artifact initrd.gz");
    }
    assertEquals(Condition.OK, state.condition(now));
  }

  @Test
  void aReportedFailureMakesItStuckAtOnceWithTheMachinesOwnWords() {
    happens("token.minted", "hash-1");
    happens("answer.served", "deploy.conf");
    happens("report.failed", "step=partition reason=no disk");
    assertEquals(Condition.STUCK, state.condition(now));
    Diagnosis diagnosis = Diagnosis.of("w1", state, now).orElseThrow();
    assertTrue(diagnosis.why().contains("no disk"), diagnosis.why());
  }

  @Test
  void everyStageWithADeadlineHasADiagnosisOfItsOwn() {
    for (Stage stage : Stage.values()) {
      if (stage.limit().isEmpty()) {
        continue;
      }
      NodeState silent =
          new NodeState(
              stage,
              1,
              1,
              START,
              START,
              "",
              START,
              Optional.empty(),
              RunTokens.NONE,
              Identity.UNKNOWN,
              PowerRun.NONE,
              Optional.empty(),
              Handling.NONE,
              Trail.NONE);
      Diagnosis diagnosis =
          Diagnosis.of("w1", silent, START.plus(Duration.ofDays(1))).orElseThrow();
      assertFalse(diagnosis.why().isBlank());
      assertFalse(diagnosis.tryNext().isBlank());
      assertFalse(diagnosis.tryNext().contains("NODE"), diagnosis.tryNext());
    }
  }

  @Test
  void aNodeThatIsHeldStaysSoOverANewRunUntilItIsResumed() {
    installs();
    happens("node.held", "alice: a disk is being changed");
    Instant since = now;
    happens("node.held", "bob: for another reason");
    happens("run.started", "");
    assertEquals(Condition.HELD, state.condition(now.plus(Duration.ofDays(1))));
    Diagnosis diagnosis = Diagnosis.of("w1", state, now).orElseThrow();
    assertEquals("held since " + since + " by alice: a disk is being changed", diagnosis.why());
    assertTrue(diagnosis.tryNext().contains("bootserver resume w1"), diagnosis.tryNext());
    happens("node.resumed", "bob");
    assertEquals(Condition.WAITING, state.condition(now));
    assertEquals(Optional.empty(), Diagnosis.of("w1", state, now));
  }

  @Test
  void theTokensHashIsNotShownAsEvidence() {
    happens("token.minted", "hash-1 salt-1");
    assertFalse(state.evidence().contains("-1"), state.evidence());
    happens("token.used", "hash-1 linux");
    assertEquals("token.used linux", state.evidence());
  }

  @Test
  void theWindowOpensWithTheCommandThatSwitchesOnAndClosesAfterAnHourOfSilence() {
    happens("power.wanted", "deployment");
    assertEquals(Stage.POWERING, state.stage());
    assertFalse(state.isWindowOpen(now));
    happens("power.asked", "on; boots PXE once");
    assertTrue(state.isWindowOpen(now));
    happens("power.told", "on");
    assertEquals(Stage.POWERED_ON, state.stage());
    assertTrue(state.isWindowOpen(now.plus(PowerRun.WINDOW)));
    assertFalse(state.isWindowOpen(now.plus(PowerRun.WINDOW).plusSeconds(1)));
  }

  @Test
  void progressMovesTheWindowOnAndANewRunClosesIt() {
    happens("power.asked", "on");
    now = now.plus(Duration.ofMinutes(50));
    happens("token.minted", "hash-1 salt-1");
    now = now.plus(Duration.ofMinutes(50));
    assertTrue(state.isWindowOpen(now));
    happens("run.started", "reinstallation");
    assertFalse(state.isWindowOpen(now));
  }

  @Test
  void aRefusalIsWhyANodeIsStuckUntilTheMachineComesByItself() {
    happens("power.wanted", "deployment");
    happens("power.refused", "asked on, answered 401; look at the password");
    assertEquals(Condition.STUCK, state.condition(now));
    Diagnosis diagnosis = Diagnosis.of("w1", state, now).orElseThrow();
    assertEquals("BMC refused: asked on, answered 401; look at the password", diagnosis.why());
    happens("power.by-hand", "");
    happens("token.minted", "hash-1 salt-1");
    assertEquals(Condition.OK, state.condition(now));
  }

  @Test
  void whoIsOnAndNotHeardOfIsStuckAfterAWhile() {
    happens("power.wanted", "deployment");
    happens("power.told", "on");
    assertEquals(Condition.OK, state.condition(now));
    Instant late = now.plus(Duration.ofMinutes(16));
    assertTrue(
        Diagnosis.of("w1", state, late).orElseThrow().why().contains("no DISCOVER since " + now));
  }

  @Test
  void aMachineThatIsThereBeforeItsBmcConfirmsItIsNoLongerBeingSwitchedOn() {
    happens("power.asked", "on");
    happens("enrolled", "");
    happens("power.told", "on");
    assertFalse(state.power().isUnderWay());
    assertTrue(state.isComplete());
    assertEquals(Condition.OK, state.condition(now));
  }

  @Test
  void whoWasSentAwayWaitsForTheOperatorAndIsNotStuck() {
    happens("dhcp.offer", "");
    happens("boot.held", "");
    Instant late = now.plus(Duration.ofHours(3));
    assertEquals(Condition.WAITING, state.condition(late));
    assertTrue(
        Diagnosis.of("w1", state, late).orElseThrow().tryNext().contains("bootserver deploy w1"));
    happens("power.wanted", "deployment");
    assertTrue(Diagnosis.of("w1", state, now).isEmpty());
  }

  /** The fact that an order is given may reach the journal behind the one that takes it back. */
  @Test
  void anOrderToEraseThatWasTakenBackBeforeItWasWrittenDownIsNotGiven() {
    happens("erasure.started", "disks=sda proof=whole");
    EraseOrder order = state.eraseOrder().orElseThrow();
    assertFalse(state.isErasing(order), "it is not written down");
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 vmlinuz");
    NodeState before = state;
    happens("erasure.begun", "erase.conf");
    assertTrue(state.isErasing(order));
    for (String taken : List.of("node.held", "rescue.ended", "erasure.started")) {
      state = before;
      happens(taken, "alice: not now");
      happens("erasure.begun", "erase.conf");
      assertFalse(state.isErasing(order), taken);
    }
  }

  private void comesIntoRescue() {
    happens("rescue.started", "rescue, by the operator");
    happens("power.wanted", "rescue");
    happens("power.asked", "on");
    happens("token.minted", "hash-r salt-r");
    happens("token.used", "hash-r vmlinuz");
    happens("kernel.requested", "vmlinuz");
    happens("report.rescue", "detail=ssh root@10.0.0.2");
    happens("dhcp.offer", "asked again");
    assertEquals("ssh root@10.0.0.2", state.access());
  }

  @Test
  void aRescueOfAnEnrolledNodeEndsWhereItBegan() {
    installs();
    happens("enrolled", "");
    NodeState before = state;
    comesIntoRescue();
    assertEquals(Stage.RESCUE, state.stage());
    assertEquals(Condition.OK, state.condition(now.plus(Duration.ofDays(30))));
    assertTrue(state.isInRescue());
    assertFalse(state.isComplete());
    assertFalse(state.bootsFromDisk());
    assertEquals(List.of("hash-r"), live());
    happens("rescue.ended", "by the operator");
    assertFalse(state.isInRescue());
    assertTrue(state.isComplete());
    assertEquals(before.since(), state.since());
    assertEquals(before.run(), state.run());
    assertEquals(before.tokens(), state.tokens());
  }

  @Test
  void aDiskThatHasNotReportedYetHasItsTokenAgainBehindTheRescue() {
    installs();
    comesIntoRescue();
    happens("rescue.ended", "");
    assertEquals(Stage.INSTALLED, state.stage());
    assertEquals(List.of("hash-1"), live());
    assertEquals(now, state.progressAt(), "the machine has its time to restart");
  }

  @Test
  void anInstallationThatARescueBreaksOffIsAtItsBeginningAgain() {
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("answer.served", "preseed.cfg");
    comesIntoRescue();
    happens("rescue.ended", "");
    assertEquals(Stage.PLANNED, state.stage());
    assertEquals(Condition.WAITING, state.condition(now));
    assertEquals(List.of(), live());
    assertFalse(state.isWindowOpen(now));
  }

  @Test
  void inRescueNothingProvesAnInstallation() {
    comesIntoRescue();
    for (String kind : List.of("answer.served", "report.installed", "enrolled")) {
      happens(kind, "");
      assertEquals(Stage.RESCUE, state.stage(), kind);
    }
    happens("run.started", "reinstallation");
    assertFalse(state.isInRescue());
    happens("report.rescue", "");
    assertEquals(Stage.PLANNED, state.stage());
  }

  @Test
  void aSecondRescueForgetsNotWhereTheRunWaits() {
    installs();
    happens("enrolled", "");
    comesIntoRescue();
    comesIntoRescue();
    happens("rescue.ended", "");
    assertTrue(state.isComplete());
    NodeState back = state;
    happens("rescue.ended", "");
    assertTrue(back.isWhere(state), "nothing to end");
  }
}
