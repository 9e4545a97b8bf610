// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our console and the responder with something wrong: the network, or what is answered. */
final class IpmiClientFaultsTest extends IpmiConversation {
  @ParameterizedTest
  @CsvSource({"0, 0.3", "0.3, 0", "0.2, 0.2"})
  void lossIsOutlived(double requests, double answers) {
    for (int seed = 1; seed <= 8; seed++) {
      PoweredMachine its = IpmiResponderTest.machine();
      IpmiResponder responder =
          responder(
              IpmiResponder.Setup.of(its)
                  .with(ACCESS)
                  .with(IpmiFaults.NONE.losing(requests, answers), seed));
      List<Integer> suites = List.of(seed % 2 == 0 ? 17 : 3);
      Bmc bmc = console(responder, USER.name(), PASSWORD, settings(suites, 15, 60, true));
      assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)).value(), "seed " + seed);
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(PXE_ONCE, its.account().lastStart().orElseThrow().boot(), "seed " + seed);
      done(bmc.power(PowerAction.CYCLE, PATIENCE));
      done(bmc.power(PowerAction.OFF, PATIENCE));
      assertEquals(2, its.account().powerOns(), "seed " + seed);
      assertEquals(2, its.account().powerOffs(), "seed " + seed);
      assertTrue(responder.account().lost() > 0, "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void whatIsDoubledOnTheWayIsCarriedOutOnce(int suite) {
    IpmiResponder responder = responder(setup().with(IpmiFaults.NONE.doubling(0.6, 0.6), 3));
    Bmc bmc = console(responder, suite);
    done(bmc.setNextBoot(PXE_ONCE));
    done(bmc.power(PowerAction.ON, PATIENCE));
    done(bmc.power(PowerAction.RESET, PATIENCE));
    done(bmc.power(PowerAction.CYCLE, PATIENCE));
    done(bmc.power(PowerAction.OFF, PATIENCE));
    assertEquals(2, machine.account().powerOns());
    assertEquals(1, machine.account().resets());
    assertEquals(2, machine.account().powerOffs());
    assertTrue(responder.account().doubled() > 5);
  }

  @Test
  void answersThatComeLateAreTakenForNoOthers() {
    Duration late = Duration.ofMillis(120);
    for (int seed = 1; seed <= 3; seed++) {
      PoweredMachine its = IpmiResponderTest.machine();
      Bmc bmc =
          console(
              responder(
                  IpmiResponder.Setup.of(its)
                      .with(ACCESS)
                      .with(IpmiFaults.NONE.delaying(0.4, late).doubling(0, 0.3), seed)));
      assertEquals(ID.toString(), done(bmc.inventory()).value().uuid());
      assertEquals(PowerState.OFF, done(bmc.power()).value());
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(PowerState.ON, done(bmc.power()).value());
      done(bmc.power(PowerAction.OFF, PATIENCE));
      assertEquals(PowerState.OFF, done(bmc.power()).value());
      assertEquals(1, its.account().powerOns());
    }
  }

  @Test
  void aPowerUpWhoseAnswersAreLostIsSeenInTheState() {
    IpmiResponder responder = saying(CHASSIS, CONTROL, IpmiFaults.NOTHING, IpmiFaults.ALWAYS, true);
    done(console(responder).power(PowerAction.ON, PATIENCE));
    assertEquals(1, machine.account().powerOns());
  }

  /** The machine may have used its boot flags by then, so a second one would boot the disk. */
  @Test
  void aResetWhoseAnswerIsLostIsNotRepeated() {
    machine.on();
    IpmiResponder responder = saying(CHASSIS, CONTROL, IpmiFaults.NOTHING, 1, true);
    BmcFault fault = fault(console(responder).power(PowerAction.RESET, PATIENCE));
    assertEquals(Kind.UNKNOWN_OUTCOME, fault.kind(), fault::evidence);
    assertEquals(1, machine.account().resets());
  }

  /** Get FRU Inventory Area Info, and Read FRU Data. */
  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x11})
  void anInventoryThatIsRefusedIsAWarningAndNotSilence(int command) {
    IpmiResponder responder = saying(STORAGE, command, 0xc9, IpmiFaults.ALWAYS, false);
    Done<Inventory> answer = done(console(responder).inventory());
    assertEquals("", answer.value().serial());
    assertEquals(ID.toString(), answer.value().uuid());
    assertTrue(
        answer.warnings().stream().anyMatch(text -> text.contains("inventory (FRU 0)")),
        answer.warnings()::toString);
  }

  @ParameterizedTest
  @EnumSource
  void aCodeThatStandsInNoTableIsShownAsItCame(PowerAction action) {
    if (action.leadsTo() == PowerState.OFF || action == PowerAction.RESET) {
      machine.on();
    }
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0x80, IpmiFaults.ALWAYS, false);
    PowerState before = machine.powerState();
    BmcFault fault = fault(console(responder).power(action, PATIENCE));
    assertEquals(Kind.REFUSED, fault.kind(), fault::evidence);
    assertTrue(fault.answered().contains("0x80"), fault::evidence);
    assertEquals(before, machine.powerState());
    assertEquals(0, responder.account().controls());
  }

  @Test
  void aCodeThatComesWithTheDeedIsNoFault() {
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0x80, IpmiFaults.ALWAYS, true);
    done(console(responder).power(PowerAction.ON, PATIENCE));
    assertEquals(1, machine.account().powerOns());
  }

  @Test
  void aLogThatCannotBeReadIsNotAnEmptyOne() {
    IpmiEvent event = new IpmiEvent(1_767_225_600L, 0x04, 1, 0x01, false, 0x520a14);
    IpmiFaults faults = IpmiFaults.NONE.saying(STORAGE, SEL_ENTRY, 0x80, IpmiFaults.ALWAYS, false);
    Bmc bmc =
        console(responder(setup().with(IpmiTraits.USUAL.with(List.of(event))).with(faults, 1)));
    BmcFault fault = fault(bmc.log(5));
    assertTrue(fault.answered().contains("0x80"), fault::evidence);
  }

  @Test
  void aBmcThatSaysNothingIsUnreachable() {
    BmcFault fault =
        fault(console(responder(setup().with(IpmiFaults.NONE.inSilence(), 1))).power());
    assertEquals(Kind.UNREACHABLE, fault.kind());
    assertTrue(fault.answered().contains("no answer in 12 tries"), fault::evidence);
  }

  @Test
  void aBmcThatFallsSilentInASessionIsUnreachable() {
    IpmiResponder responder = saying(CHASSIS, STATUS, IpmiFaults.NOTHING, IpmiFaults.ALWAYS, false);
    BmcFault fault = fault(console(responder).power());
    assertEquals(Kind.UNREACHABLE, fault.kind());
    assertTrue(fault.evidence().contains("Get Chassis Status"), fault::evidence);
  }

  @Test
  void aBmcThatWasRestartedIsLoggedInToAgain() {
    IpmiResponder first = responder(setup());
    Bmc bmc = console(first);
    done(bmc.power());
    int port = first.port();
    first.close();
    responder(setup().with(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    assertEquals(PowerState.OFF, done(bmc.power()).value());
    time.pause(Duration.ofMinutes(10));
    assertEquals(PowerState.OFF, done(bmc.power()).value());
  }
}
