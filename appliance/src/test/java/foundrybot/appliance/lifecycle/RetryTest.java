// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.answerfiles.RetryLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done about a stuck node, fact by fact, on a clock of the test's own. */
class RetryTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String MAC = "52:54:00:aa:00:01";
  private static final RetryLimits LIMITS = new RetryLimits(3, Duration.ofMinutes(15));

  private Instant now = START;
  private Instant listening = START;
  private NodeState state = NodeState.planned(START);

  private void happens(String kind, String detail) {
    state = state.after(new Fact(now, MAC, kind, detail));
  }

  private void passes(int minutes) {
    now = now.plus(Duration.ofMinutes(minutes));
  }

  private Retry decided(boolean hasBmc, RetryLimits limits) {
    Deadlines deadlines = Deadlines.USUAL.since(listening);
    return Retry.of("w1", state, () -> hasBmc, limits, deadlines, SiteServers.NONE, now);
  }

  private RetryLimits limits = LIMITS;

  private Retry decided() {
    return decided(true, limits);
  }

  private void switchedOn() {
    happens("power.wanted", "deployment");
    happens("power.asked", "on");
    happens("power.told", "on");
  }

  /** As the appliance does it when it is decided so. */
  private void cycled() {
    Retry.Cycle cycle = assertInstanceOf(Retry.Cycle.class, decided());
    happens("power.again", Handling.cycleDetail(cycle.stage(), cycle.why()));
    assertEquals(new Retry.Nothing(), decided(), "it is under way");
    happens("power.asked", "on");
    happens("power.told", "on");
  }

  private void installing() {
    switchedOn();
    happens("dhcp.offer", "");
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    happens("answer.served", "preseed.cfg");
  }

  @Test
  void whoMovesIsLeftAlone() {
    installing();
    for (int i = 0; i < 10; i++) {
      passes(29);
      assertEquals(new Retry.Nothing(), decided());
      happens("report.progress", "still at it");
    }
  }

  @Test
  void aPassedDeadlineCyclesWithGrowingWaitsAndThenTheNodeIsHeldWithStageAndReason() {
    switchedOn();
    passes(16);
    cycled();
    assertEquals(Stage.POWERED_ON, state.stage());
    assertEquals(1, state.run());
    assertEquals(Condition.RETRYING, state.condition(now));
    Instant first = now;
    passes(16);
    cycled();
    passes(16);
    assertEquals(new Retry.Later(now.minusSeconds(960).plusSeconds(1800), 3), decided());
    passes(14);
    cycled();
    assertEquals(first.plus(Duration.ofMinutes(46)), now);
    passes(16);
    Retry.Hold hold = assertInstanceOf(Retry.Hold.class, decided());
    assertTrue(
        hold.why().startsWith("attempts used up at powered-on: powered on, no DISCOVER"),
        hold.why());
    happens("node.held", NodeHold.detail(NodeHold.APPLIANCE, hold.why()));
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
    happens("node.resumed", "alice");
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number());
  }

  private static RetryLimits withOwn(Map<String, Integer> atStages) {
    return new RetryLimits(3, Duration.ofMinutes(15), atStages);
  }

  @Test
  void aStageWithAttemptsOfItsOwnIsHeldAfterThoseAndTheyAreNoneOfTheRuns() {
    limits = withOwn(Map.of("installing", 1));
    installing();
    passes(31);
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number());
    cycled();
    passes(16);
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number(), "of the run");
    cycled();
    happens("dhcp.offer", "");
    happens("token.minted", "hash-2 salt-2");
    happens("token.used", "hash-2 linux");
    happens("answer.served", "preseed.cfg");
    passes(31);
    Retry.Hold hold = assertInstanceOf(Retry.Hold.class, decided());
    assertTrue(hold.why().startsWith("attempts used up at installing: "), hold.why());
  }

  @Test
  void theWaitsGrowWithAllPowerCyclesWhereverTheyWereMade() {
    limits = withOwn(Map.of("powered-on", 5, "dhcp", 5));
    switchedOn();
    passes(16);
    cycled();
    passes(16);
    cycled();
    happens("dhcp.offer", "");
    Instant last = now;
    passes(16);
    assertEquals(new Retry.Later(last.plus(Duration.ofMinutes(30)), 1), decided());
  }

  @Test
  void atAStageWithNoAttemptsItStaysStuckForPeople() {
    limits = withOwn(Map.of("powered-on", 0));
    switchedOn();
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
    happens("dhcp.offer", "");
    passes(30);
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number());
  }

  @Test
  void aNewRunAndAResumedNodeBeginToCountAnew() {
    limits = withOwn(Map.of("powered-on", 1));
    switchedOn();
    passes(16);
    cycled();
    passes(60);
    assertInstanceOf(Retry.Hold.class, decided());
    happens("node.resumed", "alice");
    assertInstanceOf(Retry.Cycle.class, decided());
    cycled();
    passes(60);
    assertInstanceOf(Retry.Hold.class, decided());
    happens("run.started", "alice");
    switchedOn();
    passes(60);
    assertInstanceOf(Retry.Cycle.class, decided());
  }

  @Test
  void theRackFileKnowsEveryStageAtWhichSomebodyIsPowerCycledAndNoOther() {
    String head =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
        nodes: { 52:54:00:aa:00:01: { role: worker, attempts: {\
        """
            .formatted("A".repeat(43));
    for (Stage stage : Stage.values()) {
      String text = head + stage + ": 2 } } }\n";
      boolean known = RackFiles.read(text, "rack.yaml") instanceof RackReading.Valid;
      assertEquals(Retry.mayCycleAt(stage), known, stage.toString());
    }
  }

  @Test
  void aCycleBurnsTheAttemptsTokensAndTheNextAttemptIsOfTheSameRun() {
    installing();
    passes(31);
    cycled();
    assertEquals(List.of(), state.tokens().live());
    happens("dhcp.offer", "");
    happens("token.minted", "hash-2 salt-2");
    assertEquals(Stage.SCRIPT, state.stage());
    assertEquals(2, state.attempt());
    assertEquals(1, state.run());
    assertTrue(state.isWindowOpen(now), "it was switched on");
  }

  @Test
  void whatAMachineReportsAsFailedIsTriedAgainWhenItsTimeIsOver() {
    installing();
    happens("report.failed", "mirror unreachable");
    assertEquals(new Retry.Nothing(), decided());
    passes(31);
    Retry.Cycle cycle = assertInstanceOf(Retry.Cycle.class, decided());
    assertTrue(cycle.why().contains("mirror unreachable"), cycle.why());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          people switch it on              | power.by-hand   | switch it on by hand
          its BMC refused                  | power.refused   | wrong password
          nobody knows whether it is on    | power.unknown   | told
          nobody deployed it               | boot.held       | switched on by hand
          its time is over                 | boot.unarmed    | waits to be armed
          it is held                       | node.held       | alice: mine
          it is in rescue                  | rescue.started  | by the operator
          it is being switched on          | power.wanted    | deployment
          """)
  void itIsNobodysToCycleThat(String why, String kind, String detail) {
    switchedOn();
    happens(kind, detail);
    passes(600);
    assertEquals(new Retry.Nothing(), decided(), why);
  }

  @Test
  void aNodeInQuarantineIsNotCycled() {
    installing();
    happens("token.claimed", RunTokens.claimDetail("hash-1", "10.0.0.1", "preseed.cfg"));
    happens("token.claimed", RunTokens.claimDetail("hash-1", "10.0.0.2", "preseed.cfg"));
    assertTrue(state.quarantine().isPresent());
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
  }

  @Test
  void aMachineThatIsAnotherThanItsBmcHoldsIsNotCycled() {
    String uuid = "11111111-2222-3333-4444-55555555555";
    happens("bmc.identity", Identity.reported(MAC, uuid + "0", List.of()));
    switchedOn();
    happens("dhcp.identity", uuid + "1");
    assertTrue(state.mismatch().isPresent());
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
  }

  private void sentToDisk() {
    happens("boot.local", "told to boot from its disk");
  }

  @Test
  void aFinishedDiskIsCycledOnlyIfTheMachineComesBackToTheNetworkAndStaysFinished() {
    installing();
    happens("report.installed", "");
    passes(16);
    assertEquals(new Retry.Nothing(), decided());
    sentToDisk();
    passes(3);
    sentToDisk();
    assertEquals(new Retry.Nothing(), decided(), "it has its time");
    passes(12);
    cycled();
    assertEquals(Stage.INSTALLED, state.stage());
    assertEquals(1, state.tokens().live().size(), "it has yet to enrol");
    sentToDisk();
    passes(31);
    assertEquals(new Retry.Nothing(), decided(), "it did not come back a second time");
    happens("enrolled", "hostname=w1");
    sentToDisk();
    passes(4);
    sentToDisk();
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
  }

  @Test
  void whoseFirmwareTriesTheNetworkFirstIsNotCutInItsFirstBoot() {
    installing();
    happens("report.installed", "");
    passes(5);
    sentToDisk();
    passes(2);
    sentToDisk();
    passes(600);
    assertEquals(new Retry.Nothing(), decided(), "it has only sent again");
  }

  @Test
  void theFirstTimeThatItIsSentToItsDiskMovesTheDeadlineAndNoOtherDoes() {
    installing();
    happens("report.installed", "");
    passes(14);
    sentToDisk();
    Instant first = now;
    assertEquals(first, state.progressAt());
    passes(4);
    sentToDisk();
    assertEquals(first, state.progressAt());
    passes(10);
    assertEquals(new Retry.Nothing(), decided());
    passes(1);
    assertInstanceOf(Retry.Cycle.class, decided());
  }

  @Test
  void whoHasReportedFromItsDiskIsNeverCycledHoweverOftenItWasSentThere() {
    installing();
    happens("report.installed", "");
    sentToDisk();
    passes(4);
    sentToDisk();
    happens("report.first-boot", "");
    sentToDisk();
    passes(4);
    sentToDisk();
    passes(600);
    assertEquals(new Retry.Nothing(), decided());
  }

  @ParameterizedTest
  @CsvSource({"dhcp.offer, address=10.77.0.11", "tftp.rrq, ipxe.efi", "token.minted, hash-1 salt"})
  void whatAnybodyCanSayInItsNameMakesNoPowerCycleEarlier(String kind, String detail) {
    switchedOn();
    Instant on = now;
    passes(1);
    happens(kind, detail);
    passes(5);
    assertEquals(Condition.STUCK, state.condition(now));
    assertEquals(new Retry.Later(on.plus(Duration.ofMinutes(15)), 1), decided());
    passes(9);
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number());
  }

  @Test
  void whoHasComeWithItsTokenHasTheTimeOfItsStage() {
    switchedOn();
    happens("token.minted", "hash-1 salt-1");
    happens("token.used", "hash-1 linux");
    passes(4);
    assertInstanceOf(Retry.Cycle.class, decided());
  }

  @Test
  void withoutABmcOrWithoutAttemptsNothingIsDone() {
    switchedOn();
    passes(600);
    assertEquals(new Retry.Nothing(), decided(false, LIMITS));
    assertEquals(new Retry.Nothing(), decided(true, new RetryLimits(0, Duration.ofMinutes(15))));
  }

  @Test
  void whatPassedWhileNobodyListenedDoesNotCount() {
    installing();
    passes(120);
    listening = now;
    assertEquals(new Retry.Nothing(), decided());
    passes(29);
    assertEquals(new Retry.Nothing(), decided());
    passes(1);
    assertInstanceOf(Retry.Cycle.class, decided());
  }

  @Test
  void aNewRunHasNewAttemptsButNoCycleTooSoonAfterTheLastOne() {
    switchedOn();
    passes(16);
    cycled();
    happens("run.started", "by the operator");
    switchedOn();
    happens("dhcp.offer", "");
    passes(3);
    assertInstanceOf(Retry.Later.class, decided());
    passes(12);
    assertEquals(1, assertInstanceOf(Retry.Cycle.class, decided()).number());
  }
}
