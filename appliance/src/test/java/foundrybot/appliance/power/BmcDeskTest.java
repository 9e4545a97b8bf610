// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.LoopbackAppliance;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators tell a BMC themselves, and what is kept of its answers. */
@Timeout(30)
class BmcDeskTest {
  private static final String RACK =
      """
      nodes:
        52:54:00:be:00:01: { role: worker, name: w1, bmc: "http://10.0.0.1" }
      """;

  private final TickingClock clock = new TickingClock();
  private final MemoryLog log = new MemoryLog(clock, RACK);
  private final Switched machine = new Switched();
  private volatile Switched bmc = machine;
  private final Node node = log.nodes().getFirst();
  private final Deployments deployments =
      new Deployments(
          log,
          _ -> bmc,
          _ -> URI.create("https://10.77.0.1/media/00.iso"),
          (n, _) -> URI.create("http://10.0.0.9/program/" + n.name()),
          Patience.USUAL,
          clock,
          clock::pass,
          BmcLocks.none(),
          Executors.newVirtualThreadPerTaskExecutor());

  @AfterEach
  void close() {
    deployments.close();
  }

  private BmcDesk.Said power(PowerAction action) {
    return deployments.desk().power(node, action).join();
  }

  @Test
  void whatIsSwitchedIsConfirmedAndKeptAndMovesNoStage() {
    Stage before = log.state(node.mac()).stage();
    assertEquals(new BmcDesk.Said(true, "w1: on"), power(PowerAction.ON));
    assertEquals(PowerState.ON, machine.state);
    assertEquals(List.of("power ON"), machine.told, "no next boot, no deployment");
    assertEquals(List.of(BmcDesk.TOLD, BmcDesk.POWER), log.kinds(node));
    assertEquals(before, log.state(node.mac()).stage());
  }

  @Test
  void aRefusalIsToldWithWhatWasAskedAndAnswered() {
    machine.says(Kind.BUSY, "power OFF", 1);
    BmcDesk.Said said = power(PowerAction.OFF);
    assertFalse(said.done());
    assertTrue(said.text().startsWith("w1: ") && said.text().contains("power OFF"), said.text());
    assertEquals(List.of(BmcDesk.FAILED), log.kinds(node));
  }

  @Test
  void whatADeploymentSwitchesIsLeftToItUnlessItIsHeld() {
    log.record(node.mac(), FactKind.POWER_WANTED, "deployment").join();
    BmcDesk.Said refused = power(PowerAction.OFF);
    assertFalse(refused.done());
    assertTrue(refused.text().contains("hold it first"), refused.text());
    assertEquals(List.of(), machine.told);
    log.record(node.mac(), FactKind.NODE_HELD, "alice: wait").join();
    assertTrue(power(PowerAction.OFF).done());
    assertEquals(List.of("power OFF"), machine.told);
  }

  @Test
  void whatIsUnderWayIsNotToldTwiceAndGoesOnWithoutTheAsker() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Switched slow =
        new Switched() {
          @Override
          public Outcome<PowerState> power(PowerAction action, Duration patience) {
            begun.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return super.power(action, patience);
          }
        };
    bmc = slow;
    BmcDesk desk = deployments.desk(Duration.ofMillis(50));
    BmcDesk.Said later = desk.power(node, PowerAction.CYCLE).join();
    assertTrue(later.goesOn() && !later.done(), later.text());
    assertTrue(later.text().contains("it goes on; see its events"), later.text());
    begun.await();
    BmcDesk.Said second = desk.power(node, PowerAction.CYCLE).join();
    assertFalse(second.done() || second.goesOn());
    assertTrue(second.text().startsWith("w1: still under way: power cycle"), second.text());
    go.countDown();
    LoopbackAppliance.eventually("it was told", () -> log.kinds(node).contains(BmcDesk.POWER));
    LoopbackAppliance.eventually(
        "it may be told the next",
        () -> !desk.power(node, PowerAction.ON).join().text().contains("still under way"));
    assertEquals(1, slow.told.stream().filter("power CYCLE"::equals).count());
  }

  @Test
  void whoIsAskedIsToldNothingAndWhatItCannotSayIsKeptAsThat() {
    assertEquals(new BmcDesk.Said(true, "w1: off"), deployments.desk().ask(node).join());
    assertEquals(List.of("identify", "power"), machine.told);
    assertEquals(
        List.of("power.identity", BmcDesk.POWER, BmcDesk.PROGRESS, BmcDesk.EVENTS),
        log.kinds(node));
  }

  @Test
  void whoDoesNotSayWhoItIsIsAskedNothingElse() {
    machine.says(Kind.UNREACHABLE, "identify", 1);
    assertFalse(deployments.desk().ask(node).join().done());
    assertEquals(List.of("identify"), machine.told);
    assertEquals(List.of(BmcDesk.FAILED), log.kinds(node));
  }

  @Test
  void aDeploymentWaitsForACommandLineThatHasTheBmcAndSaysWhich() {
    try (Deployments waiting =
        new Deployments(
            log,
            _ -> bmc,
            _ -> URI.create("https://10.77.0.1/media/00.iso"),
            (n, _) -> URI.create("http://10.0.0.9/program/" + n.name()),
            Patience.USUAL,
            clock,
            _ -> Thread.sleep(1),
            BmcLocks.none(),
            Executors.newVirtualThreadPerTaskExecutor())) {
      BmcDesk desk = waiting.desk();
      String what = "power off w1";
      assertEquals(Optional.empty(), desk.begins(node, what, Duration.ofHours(9)).join());
      waiting.deploy(List.of(node), false).join();
      LoopbackAppliance.eventually(
          "it is said what it waits for",
          () -> {
            clock.pass(Duration.ofSeconds(1));
            return waiting.now(node).isPresent();
          });
      String now = waiting.now(node).orElseThrow();
      assertTrue(now.contains(" to ask its BMC 'who it is'; that is busy with 'power off"), now);
      assertEquals(List.of(), machine.told);
      String refused = desk.power(node, PowerAction.RESET).join().text();
      assertTrue(refused.contains("by a deployment") && refused.contains(what), refused);
      desk.ended(node, "power on w1");
      assertEquals(List.of(), machine.told, "another one has ended");
      desk.ended(node, what);
      LoopbackAppliance.eventually("it goes on", () -> machine.state == PowerState.ON);
    }
  }

  @Test
  void aCommandLineIsRefusedBesideADeploymentAndBesideAnotherOneUntilThatMustHaveEnded() {
    BmcDesk desk = deployments.desk();
    Duration most = Duration.ofMinutes(7);
    assertEquals(Optional.empty(), desk.begins(node, "power off w1", most).join());
    String refused = desk.begins(node, "power on w1", most).join().orElseThrow();
    assertTrue(refused.startsWith("w1: still under way: power off w1, since "), refused);
    assertFalse(desk.power(node, PowerAction.ON).join().done());
    clock.pass(most);
    assertEquals(Optional.empty(), desk.begins(node, "power on w1", most).join());
    desk.ended(node, "power on w1");
    assertTrue(desk.power(node, PowerAction.ON).join().done());

    log.record(node.mac(), FactKind.POWER_WANTED, "deployment").join();
    String busy = desk.begins(node, "power off w1", most).join().orElseThrow();
    assertTrue(busy.startsWith("w1: is being switched on by a deployment"), busy);
  }
}
