// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.PowerRun.Step;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What deployments say to BMCs, and what they make of the answers. */
class DeploymentsTest {
  private static final URI MEDIUM = URI.create("https://10.77.0.1/media/00.iso");

  private static final String RACK =
      """
      power: { on-per-second: 100, at-once: 1 }
      nodes:
        52:54:00:bb:00:01: { role: worker, name: w1, bmc: "http://10.0.0.1" }
        52:54:00:bb:00:02: { role: worker, name: w2, bmc: "http://10.0.0.2" }
        52:54:00:bb:00:03: { role: worker, name: w3, bmc: "http://10.0.0.2" }
        52:54:00:bb:00:04: { role: worker, name: w4 }
        52:54:00:bb:00:05: { role: worker, name: w5, bmc: { url: "http://10.0.0.5", boot: media } }
        52:54:00:bb:00:06: { role: worker, name: w6, bmc: { url: "http://10.0.0.6", boot: http-x64 } }
      """;

  private final TickingClock clock = new TickingClock();
  private final MemoryLog log = new MemoryLog(clock, RACK);
  private final Map<String, Bmc> bmcs = new HashMap<>();
  private final Switched machine = new Switched();
  private final Node node = log.nodes().getFirst();
  private Deployments deployments = started(Patience.USUAL);

  private Deployments started(Patience patience) {
    WakeOnLan.Pause pause =
        time -> {
          Thread.sleep(1);
          clock.pass(time);
        };
    return new Deployments(
        log,
        n -> bmcs.getOrDefault(n.name(), machine),
        _ -> MEDIUM,
        (n, processor) -> URI.create("http://10.0.0.9/program/" + n.name() + "/" + processor),
        patience,
        clock,
        pause,
        BmcLocks.none(),
        Executors.newVirtualThreadPerTaskExecutor());
  }

  @AfterEach
  void close() {
    deployments.close();
  }

  private void deploy(Node... nodes) {
    deployments.deploy(List.of(nodes), false).join();
    for (Node each : nodes) {
      ended(each);
    }
  }

  private void ended(Node each) {
    LoopbackAppliance.eventually(
        each.name() + " is on or refused", () -> !log.state(each.mac()).power().isUnderWay());
  }

  private Step step() {
    return log.state(node.mac()).power().step();
  }

  @Test
  void aMachineThatIsOffIsSetToTheNetworkAndSwitchedOn() {
    deploy(node);
    assertEquals(List.of("identify", "power", "boot", "power ON"), machine.told);
    assertEquals(Step.TOLD, step());
    List<String> kinds = log.kinds(node);
    assertTrue(kinds.indexOf("power.wanted") < kinds.indexOf("power.asked"), kinds::toString);
    assertEquals("power.told", kinds.getLast());
  }

  @Test
  void aMachineThatIsOnIsSwitchedOffBeforeItsNextBootIsSet() {
    machine.state = PowerState.ON;
    deploy(node);
    assertEquals(List.of("identify", "power", "power OFF", "boot", "power ON"), machine.told);
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void aNodeThatIsHeldBetweenTwoAttemptsIsToldNothingMoreUntilItIsResumed() {
    machine.says(Kind.BUSY, "boot", 1000);
    deployments.deploy(List.of(node), false).join();
    LoopbackAppliance.eventually("it is tried", () -> log.kinds(node).contains("power.retry"));
    String tried = log.state(node.mac()).trial().orElseThrow().text();
    assertTrue(
        tried.contains("asked boot, answered ") && tried.contains(", asked again at "), tried);
    log.record(node.mac(), FactKind.NODE_HELD, "alice: no more").join();
    LoopbackAppliance.eventually("it is left alone", this::isQuiet);
    assertEquals(Step.WANTED, step());
    assertEquals(0, machine.switchedOn);

    deployments.resume(log.nodes());
    assertTrue(isQuiet(), "held, it is not taken up");
    log.record(node.mac(), FactKind.NODE_RESUMED, "alice").join();
    machine.answers.clear();
    deployments.resume(List.of(node));
    ended(node);
    assertEquals(Step.TOLD, step());
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void aNodeThatIsHeldWhileItsNextBootIsSetIsNotSwitchedOn() {
    Switched slow =
        new Switched() {
          @Override
          public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
            log.record(node.mac(), FactKind.NODE_HELD, "alice: wait").join();
            return super.setNextBoot(wanted);
          }
        };
    bmcs.put("w1", slow);
    deployments.deploy(List.of(node), false).join();
    LoopbackAppliance.eventually(
        "it is left alone",
        () -> log.kinds(node).getLast().equals("power.wanted") && slow.toldSoFar() == 3);
    assertEquals(List.of("identify", "power", "boot"), slow.told);
    assertEquals(Step.WANTED, step());
    assertEquals(0, slow.switchedOn);

    bmcs.remove("w1");
    log.record(node.mac(), FactKind.NODE_RESUMED, "alice").join();
    LoopbackAppliance.eventually(
        "it is switched on once it is resumed",
        () -> {
          deployments.resume(List.of(node));
          return step() == Step.TOLD;
        });
    assertEquals(1, machine.switchedOn);
  }

  private boolean isQuiet() {
    int told = machine.toldSoFar();
    LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    return machine.toldSoFar() == told;
  }

  @Test
  void aMachineThatBootsByHttpIsToldTheUrlOfItsProgram() {
    deploy(log.nodes().get(5));
    assertEquals(
        new BootSetting(
            BootDevice.HTTP,
            Optional.of(URI.create("http://10.0.0.9/program/w6/X64")),
            BootSetting.Lasting.ONCE,
            BootSetting.FirmwareMode.UEFI),
        machine.next);
  }

  private void passes(String... kinds) {
    for (String kind : kinds) {
      log.note(node.mac(), kind, "");
    }
  }

  @Test
  void aRescueIsSwitchedOnFromTheNetworkAndItsEndFromTheDisk() {
    passes("report.installed", "enrolled");
    machine.state = PowerState.ON;
    deployments.rescue(node, false, false).join();
    ended(node);
    assertEquals(BootDevice.PXE, machine.next.device());
    assertEquals(1, machine.switchedOn);
    passes("report.rescue");
    machine.told.clear();
    deployments.endRescue(node, false).join();
    ended(node);
    assertEquals(List.of("identify", "power", "power OFF", "boot", "power ON"), machine.told);
    assertEquals(BootSetting.NONE, machine.next);
    assertEquals(2, machine.switchedOn);
    assertTrue(log.state(node.mac()).isComplete());
  }

  @Test
  void aRescueThatIsOverIsTakenToItsDiskByTheNextAppliance() {
    passes("report.installed", "enrolled", "rescue.started", "report.rescue", "rescue.ended");
    passes("power.wanted");
    machine.state = PowerState.ON;
    deployments.resume(log.nodes());
    ended(node);
    assertEquals(BootSetting.NONE, machine.next);
    assertEquals(Step.TOLD, step());
  }

  @Test
  void aBmcThatCanClearNoOverrideKeepsNoMachineInRescue() {
    passes("report.installed", "rescue.started", "report.rescue");
    machine.says(Kind.REFUSED, "boot", 1);
    deployments.endRescue(node, false).join();
    ended(node);
    assertEquals(PowerState.ON, machine.state);
  }

  @Test
  void aDeploymentLeavesARescueWithAFinishedDiskAloneAndEndsOneWithout() {
    passes("report.installed", "enrolled", "rescue.started", "report.rescue");
    Begun left = deployments.deploy(List.of(node), false).join().getFirst();
    assertEquals(Begun.Answer.READY, left.answer());
    assertTrue(left.said().contains("rescue --end"), left.said());
    passes("run.started", "rescue.started", "report.rescue");
    deploy(node);
    assertFalse(log.state(node.mac()).isInRescue());
    assertEquals(1, machine.switchedOn);
  }

  private Node named(String name) {
    return log.nodes().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void aMediumIsInsertedBeforeTheMachineStartsAndEjectedWhenItsKernelIsFetched() {
    Node byMedium = named("w5");
    deploy(byMedium);
    assertEquals(List.of("identify", "power", "insert", "boot", "power ON"), machine.told);
    assertEquals(java.util.Optional.of(MEDIUM), machine.media);
    assertEquals(BootDevice.CD, machine.next.device());
    log.record(byMedium.mac(), FactKind.KERNEL_REQUESTED, "linux").join();
    LoopbackAppliance.eventually("the medium is out", () -> machine.media.isEmpty());
  }

  @Test
  void aReleasedMachineDoesNotKeepItsMedium() {
    Node byMedium = named("w5");
    deploy(byMedium);
    assertEquals(java.util.Optional.of(MEDIUM), machine.media);
    Begun released =
        deployments
            .release(byMedium, "by ops", true, () -> CompletableFuture.completedStage(""))
            .join();
    assertEquals(Begun.Answer.READY, released.answer());
    LoopbackAppliance.eventually("the medium is out", () -> machine.media.isEmpty());
  }

  @Test
  void aMediumThatIsNotTakenIsEjectedAndTheMachineStaysOff() {
    machine.says(Kind.REFUSED, "insert", 1);
    deploy(named("w5"));
    LoopbackAppliance.eventually("it is empty", () -> machine.told.contains("eject"));
    assertEquals(PowerState.OFF, machine.state);
    assertEquals(Step.REFUSED, log.state(named("w5").mac()).power().step());
  }

  @Test
  void aWrongPasswordIsNotTriedAgainForAMediumEither() {
    machine.says(Kind.WRONG_PASSWORD, "identify", 2);
    Node byMedium = named("w5");
    deploy(byMedium);
    LoopbackAppliance.eventually(
        "the first deployment is over, and another one begins",
        () ->
            deployments.deploy(List.of(byMedium), false).join().getFirst().answer()
                == Begun.Answer.BEGUN);
    ended(byMedium);
    assertEquals(List.of("identify", "identify"), machine.told);
  }

  @Test
  void aMachineThatIsOnAndMayBeAnotherIsNotSwitchedOff() {
    machine.state = PowerState.ON;
    machine.card = java.util.Optional.of("52:54:00:ff:ff:ff");
    deploy(node);
    assertEquals(PowerState.ON, machine.state);
    assertEquals(Step.REFUSED, step());
    assertTrue(log.last(node, FactKind.POWER_REFUSED).contains("52:54:00:ff:ff:ff"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"WRONG_PASSWORD", "NO_PRIVILEGE", "NOT_TRUSTED", "NO_SUCH_SYSTEM", "REFUSED"})
  void whatCannotPassIsSaidAtOnceAndNeverTriedAgain(Kind kind) {
    machine.says(kind, "power", 1);
    deploy(node);
    assertEquals(List.of("identify", "power"), machine.told);
    assertEquals("switch: asked power, answered no; look at it", refusal());
  }

  private String refusal() {
    assertEquals(Step.REFUSED, step());
    return log.last(node, FactKind.POWER_REFUSED);
  }

  @Test
  void whatMayPassIsTriedAgain() {
    machine.says(Kind.UNREACHABLE, "identify", 2);
    machine.says(Kind.BUSY, "boot", 1);
    deploy(node);
    assertEquals(Step.TOLD, step());
    assertEquals(3, log.kinds(node).stream().filter("power.retry"::equals).count());
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void whatABmcHoldsIsReadOnceInADeploymentHoweverOftenItIsTriedAgain() {
    machine.card = java.util.Optional.of(node.mac().toString());
    machine.says(Kind.BUSY, "boot", 2);
    deploy(node);
    assertEquals(Step.TOLD, step());
    assertEquals(1, machine.inventories);
    assertEquals(1, log.kinds(node).stream().filter("bmc.identity"::equals).count());
    machine.state = PowerState.OFF;
    deployments.reinstall(node, false).join();
    ended(node);
    assertEquals(2, machine.inventories, "a new deployment asks anew");
  }

  @Test
  void aDeadBmcIsGivenUpWithItsLastWords() {
    machine.says(Kind.UNREACHABLE, "identify", 10_000);
    var begin = clock.instant();
    deploy(node);
    assertTrue(refusal().contains("answered no; look at it (attempt "), this::refusal);
    Duration took = Duration.between(begin, clock.instant());
    assertTrue(took.compareTo(Patience.USUAL.total()) <= 0, took::toString);
    assertEquals(0, machine.switchedOn);
  }

  @Test
  void anUnknownOutcomeIsLookedAtAndNotRepeatedWhereTheMachineIsOn() {
    machine.answers.add(new Switched.Answer("power ON", Kind.UNKNOWN_OUTCOME, true));
    deploy(node);
    assertEquals(Step.TOLD, step());
    assertEquals(1, machine.told.stream().filter("power ON"::equals).count());
    assertFalse(machine.told.contains("power OFF"), machine.told::toString);
  }

  @Test
  void anUnknownOutcomeIsRepeatedWhereTheMachineIsOff() {
    machine.says(Kind.UNKNOWN_OUTCOME, "power ON", 1);
    deploy(node);
    assertEquals(Step.TOLD, step());
    assertEquals(2, machine.told.stream().filter("boot"::equals).count());
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void afterARestartWhatWasAskedIsLookedAtFirst() {
    log.note(node.mac(), FactKind.POWER_WANTED.text(), "deployment");
    log.note(node.mac(), FactKind.POWER_ASKED.text(), "on");
    machine.state = PowerState.ON;
    deployments.resume(log.nodes());
    ended(node);
    assertEquals(List.of("identify", "power"), machine.told);
    assertEquals(Step.TOLD, step());
  }

  @Test
  void afterARestartWhatNeverArrivedIsDone() {
    log.note(node.mac(), FactKind.POWER_WANTED.text(), "deployment");
    log.note(node.mac(), FactKind.POWER_ASKED.text(), "on");
    deployments.resume(log.nodes());
    ended(node);
    assertEquals(1, machine.switchedOn);
    assertEquals(Step.TOLD, step());
  }

  @Test
  void whatTheEndOfTheApplianceInterruptsIsNoRefusalAndIsTakenUpAgain() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    bmcs.put("w1", new Hanging(reached));
    deployments.deploy(List.of(node), false).join();
    reached.await();
    deployments.close();
    assertEquals(Step.WANTED, step());
    bmcs.put("w1", machine);
    deployments = started(Patience.USUAL);
    deployments.resume(log.nodes());
    ended(node);
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void whatTheEndInterruptsOnTheWayToTheNextBootIsNoAttemptEither() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    bmcs.put(
        "w1",
        new Switched() {
          @Override
          public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
            says(Kind.REFUSED, "boot", 1);
            Hanging.untilInterrupted(reached);
            return super.setNextBoot(wanted);
          }
        });
    deployments.deploy(List.of(node), false).join();
    reached.await();
    deployments.close();
    assertEquals(Step.WANTED, step());
    assertFalse(log.kinds(node).contains("power.retry"), () -> log.kinds(node).toString());
  }

  /** A BMC that never answers, until it is interrupted. */
  private static final class Hanging extends Switched {
    private final CountDownLatch reached;

    Hanging(CountDownLatch reached) {
      this.reached = reached;
    }

    @Override
    public Outcome<Identity> identify() {
      untilInterrupted(reached);
      return super.identify();
    }

    static void untilInterrupted(CountDownLatch reached) {
      reached.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aBmcThatHangsKeepsNoOtherFromItsTurn() throws Exception {
    Patience usual = Patience.USUAL;
    deployments.close();
    deployments =
        started(
            new Patience(
                usual.total(),
                usual.firstWait(),
                usual.longestWait(),
                usual.on(),
                usual.off(),
                usual.rest(),
                usual.gap(),
                Duration.ofMillis(20)));
    CountDownLatch reached = new CountDownLatch(1);
    bmcs.put("w2", new Hanging(reached));
    deployments.deploy(List.of(log.nodes().get(1)), false).join();
    reached.await();
    deploy(node);
    assertEquals(Step.TOLD, step());
  }

  @Test
  void machinesOfOneBmcAreSpokenToOneAfterTheOther() {
    AtomicInteger speaking = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    for (String name : List.of("w2", "w3")) {
      bmcs.put(
          name,
          new Switched() {
            @Override
            public Outcome<PowerState> power(PowerAction action, Duration patience) {
              most.accumulateAndGet(speaking.incrementAndGet(), Math::max);
              LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
              speaking.decrementAndGet();
              return super.power(action, patience);
            }
          });
    }
    deploy(log.nodes().get(1), log.nodes().get(2));
    assertEquals(1, most.get());
  }

  @Test
  void whereNothingCanBeReadItIsToldOnceEvenAcrossARestart() {
    AtomicInteger packets = new AtomicInteger();
    bmcs.put("w1", new Blind(packets));
    deploy(node);
    assertEquals(Step.TOLD, step());
    log.note(node.mac(), FactKind.POWER_ASKED.text(), "on");
    deployments.resume(log.nodes());
    ended(node);
    assertEquals(1, packets.get());
  }

  /** What a magic packet is: on, and nothing else. */
  private record Blind(AtomicInteger packets) implements Bmc {
    @Override
    public String describe() {
      return "blind";
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      packets.incrementAndGet();
      return new Outcome.Done<>(PowerState.UNKNOWN, "blind: sent");
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Unsupported<>("blind", "setting the next boot");
    }

    @Override
    public void close() {}
  }

  @Test
  void aNodeWithoutABmcIsForPeopleToSwitchOn() {
    Node bare = log.nodes().get(3);
    Begun begun = deployments.deploy(List.of(bare), false).join().getFirst();
    assertEquals(Begun.Answer.BY_HAND, begun.answer());
    assertEquals(List.of("power.by-hand"), log.kinds(bare));
  }

  @Test
  void whoIsOnItsWayOrThereIsLeftAlone() {
    deploy(node);
    assertEquals(Begun.Answer.UNDER_WAY, answer());
    log.note(node.mac(), "enrolled", "");
    assertEquals(Begun.Answer.READY, answer());
    assertEquals(1, machine.switchedOn);
    assertEquals(1, log.state(node.mac()).run());
  }

  private Begun.Answer answer() {
    return deployments.deploy(List.of(node), false).join().getFirst().answer();
  }

  @Test
  void whoIsStuckBeginsANewRun() {
    deploy(node);
    clock.pass(Duration.ofHours(2));
    deploy(node);
    assertEquals(2, log.state(node.mac()).run());
    assertEquals(2, machine.switchedOn);
  }

  @Test
  void whoWasSilentWhileNobodyListenedIsOnItsWay() {
    deploy(node);
    clock.pass(Duration.ofHours(2));
    log.startsAgain();
    assertEquals(Begun.Answer.UNDER_WAY, answer());
    assertEquals(1, log.state(node.mac()).run());
    assertEquals(1, machine.switchedOn);
  }

  @Test
  void aReinstallationTakesTheMachineWhereverItIs() {
    deploy(node);
    log.note(node.mac(), "enrolled", "");
    deployments.reinstall(node, false).join();
    ended(node);
    assertEquals(2, log.state(node.mac()).run());
    assertEquals(2, machine.switchedOn);
    assertEquals(Step.TOLD, step());
  }
}
