// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What BMCs do oddly over IPMI. The numbers in the tests are those of docs/bmc.md. */
final class IpmiQuirksTest extends IpmiConversation {
  private static final int SET_BOOT_OPTIONS = 0x08;
  private static final int APPLICATION = 0x06;
  private static final int SET_PRIVILEGE = 0x3b;
  private static final BootSetting PXE_AS_IS = BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS);

  @Test
  void n82_bootFlagsOutliveTheMinuteWhereTheyAreKept() {
    for (boolean keep : new boolean[] {true, false}) {
      PoweredMachine its = IpmiResponderTest.machine();
      IpmiResponder responder = responder(IpmiResponder.Setup.of(its).with(ACCESS));
      Bmc bmc = console(responder, USER.name(), PASSWORD, settings(List.of(17), 50, 1000, keep));
      done(bmc.setNextBoot(PXE_ONCE));
      time.pause(Duration.ofSeconds(90));
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(
          keep ? PXE_ONCE : BootSetting.NONE, its.account().lastStart().orElseThrow().boot());
    }
  }

  @Test
  void n83_theEfiBitGoesAlongWhereTheModeIsToStay() {
    Bmc bmc = console(responder(setup()));
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_AS_IS)).value());
    assertEquals(PXE_ONCE, machine.nextBoot());
  }

  /** Flags that name no device tell no mode either. */
  @Test
  void n83_alsoAfterTheFlagsWereCleared() {
    Bmc bmc = console(responder(setup()));
    done(bmc.setNextBoot(PXE_ONCE));
    done(bmc.setNextBoot(BootSetting.NONE));
    assertEquals(BootSetting.NONE, machine.nextBoot());
    done(bmc.setNextBoot(PXE_AS_IS));
    assertEquals(PXE_ONCE, machine.nextBoot());
  }

  /** The machine has been told by another console, and its firmware boots that way. */
  @ParameterizedTest
  @EnumSource(
      value = FirmwareMode.class,
      names = {"UEFI", "LEGACY"})
  void n83_theModeOfFlagsThatAreInForceIsKept(FirmwareMode mode) {
    machine.setNextBoot(BootSetting.once(BootDevice.DISK, mode));
    Bmc bmc = console(responder(setup()));
    done(bmc.setNextBoot(PXE_AS_IS));
    assertEquals(BootSetting.once(BootDevice.PXE, mode), machine.nextBoot());
  }

  /** What goes before the flags is optional: the BMC may know one of it, or none. */
  @ParameterizedTest
  @CsvSource({"0x80, 1", "0x80, 2", "0xcc, 1", "0xcc, 2", "0xc1, 2", "0xc9, 2", "0xff, 2"})
  void n84_parametersThatTheBmcDoesNotKnowAreNoFault(String code, int times) {
    IpmiResponder responder = saying(CHASSIS, SET_BOOT_OPTIONS, Integer.decode(code), times, false);
    Bmc bmc = console(responder);
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)).value());
    done(bmc.power(PowerAction.ON, PATIENCE));
    assertEquals(PXE_ONCE, machine.account().lastStart().orElseThrow().boot());
  }

  @ParameterizedTest
  @CsvSource({"0x80", "0xcc"})
  void n84_butTheFlagsThemselvesMustBeTaken(String code) {
    IpmiResponder responder =
        saying(CHASSIS, SET_BOOT_OPTIONS, Integer.decode(code), IpmiFaults.ALWAYS, false);
    BmcFault fault = fault(console(responder).setNextBoot(PXE_ONCE));
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.answered().contains(code), fault::evidence);
    assertEquals(BootSetting.NONE, machine.nextBoot());
  }

  @ParameterizedTest
  @EnumSource(
      value = PowerAction.class,
      names = {"ON", "OFF", "SHUTDOWN"})
  void n86_whatIsSoAlreadyIsNotAskedFor(PowerAction action) {
    if (action.leadsTo() == PowerState.ON) {
      machine.on();
    }
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0xd5, IpmiFaults.ALWAYS, false);
    assertEquals(action.leadsTo(), done(console(responder).power(action, PATIENCE)).value());
    assertEquals(0, responder.account().controls());
  }

  @Test
  void n86_aCycleOfWhatIsOffOnlySwitchesOn() {
    IpmiResponder responder = responder(setup());
    done(console(responder).power(PowerAction.CYCLE, PATIENCE));
    assertEquals(1, responder.account().controls());
    assertEquals(0, machine.account().powerOffs());
  }

  /** Somebody presses the button between the look and the command. */
  @ParameterizedTest
  @CsvSource({"0xd5", "0xcc", "0xff"})
  void n86_aRefusalOfWhatIsSoByNowIsNoFault(String code) {
    machine.on();
    IpmiResponder responder =
        saying(CHASSIS, CONTROL, Integer.decode(code), IpmiFaults.ALWAYS, true);
    Bmc bmc = console(responder);
    assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)).value());
    assertEquals(1, machine.account().powerOffs());
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x05, 0x09, 0x10, 0x11})
  void n87_theOtherSuiteIsTakenWhenOneIsRefused(int status) {
    Bmc bmc = console(responder(setup().with(ACCESS.withSuites(status, 3))));
    Done<PowerState> power = done(bmc.power());
    assertEquals(PowerState.OFF, power.value());
    assertTrue(power.warnings().stream().anyMatch(w -> w.contains("suite 3")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x09, 0x11})
  void n87_alsoWhereTheOldOneIsAskedForFirst(int status) {
    Bmc bmc =
        console(
            responder(setup().with(ACCESS.withSuites(status, 17))),
            USER.name(),
            PASSWORD,
            settings(List.of(3, 17), 50, 1000, true));
    Done<PowerState> power = done(bmc.power());
    assertTrue(power.warnings().stream().noneMatch(w -> w.contains("suite 3")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x04, 0x05, 0x10, 0x11})
  void n87_refusedSuitesAreSaidSo(int status) {
    IpmiResponder responder = responder(setup().with(ACCESS.withSuites(status, 3)));
    BmcFault fault = fault(console(responder, 17).power());
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.evidence().contains("cipher suite 17"), fault::evidence);
    assertTrue(fault.answered().contains(String.format("0x%02x", status)), fault::evidence);
  }

  @Test
  void n87_aRoleThatIsRefusedForEverySuiteIsAPrivilegeThatIsMissing() {
    IpmiResponder responder = responder(setup().with(ACCESS.withSuites(0x09)));
    BmcFault fault = fault(console(responder).power());
    assertEquals(Kind.NO_PRIVILEGE, fault.kind());
    assertTrue(fault.answered().contains("0x09"), fault::evidence);
  }

  /** Busy, timeout, out of space, SDR or firmware in update, initialising. */
  @ParameterizedTest
  @CsvSource({"0xc0", "0xc3", "0xc4", "0xd0", "0xd1", "0xd2"})
  void n88_aQuestionIsAskedAgainAndFurtherApart(String code) {
    IpmiResponder responder = saying(CHASSIS, STATUS, Integer.decode(code), 5, false);
    Instant begun = time.instant();
    assertEquals(PowerState.OFF, done(console(responder).power()).value());
    assertEquals(Duration.ofMillis(15_500), Duration.between(begun, time.instant()));
  }

  @ParameterizedTest
  @CsvSource({"0xc0", "0xc3", "0xc4", "0xd2"})
  void n88_aBmcThatStaysSoIsBusyAndMayBeAskedLater(String code) {
    IpmiResponder responder =
        saying(CHASSIS, STATUS, Integer.decode(code), IpmiFaults.ALWAYS, false);
    BmcFault fault = fault(console(responder).power());
    assertEquals(Kind.BUSY, fault.kind());
    assertTrue(fault.kind().mayPass());
    assertTrue(fault.answered().contains(code), fault::evidence);
  }

  @ParameterizedTest
  @CsvSource({"0xc0", "0xc4", "0xd2"})
  void n88_aBusyBmcIsNoUserWithoutPrivilege(String code) {
    IpmiResponder responder =
        saying(APPLICATION, SET_PRIVILEGE, Integer.decode(code), IpmiFaults.ALWAYS, false);
    BmcFault fault = fault(console(responder).power());
    assertEquals(Kind.BUSY, fault.kind(), fault::evidence);
    assertTrue(fault.answered().contains(code), fault::evidence);
  }

  @ParameterizedTest
  @EnumSource
  void n88_everyActionOutlivesABusyBmc(PowerAction action) {
    if (action.leadsTo() == PowerState.OFF || action == PowerAction.RESET) {
      machine.on();
    }
    IpmiFaults faults =
        IpmiFaults.NONE
            .saying(CHASSIS, STATUS, 0xc0, 2, false)
            .saying(CHASSIS, CONTROL, 0xc4, 2, false);
    Bmc bmc = console(responder(setup().with(faults, 1)));
    assertEquals(action.leadsTo(), done(bmc.power(action, PATIENCE)).value());
    assertEquals(action == PowerAction.RESET ? 1 : 0, machine.account().resets());
  }

  /** A BMC that starts takes half a minute and more. */
  @ParameterizedTest
  @CsvSource({"0xc0, ON", "0xc4, ON", "0xd2, ON", "0xd2, OFF", "0xd2, RESET"})
  void n88_anOrderIsGivenAgainAsLongAsThePatienceLasts(String code, PowerAction action) {
    if (action != PowerAction.ON) {
      machine.on();
    }
    IpmiResponder responder = saying(CHASSIS, CONTROL, Integer.decode(code), 8, false);
    assertEquals(action.leadsTo(), done(console(responder).power(action, PATIENCE)).value());
    assertEquals(1, responder.account().controls());
  }

  @ParameterizedTest
  @EnumSource
  void n88_anOrderThatIsNeverTakenEndsAsBusy(PowerAction action) {
    if (action.leadsTo() == PowerState.OFF || action == PowerAction.RESET) {
      machine.on();
    }
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0xd2, IpmiFaults.ALWAYS, false);
    Instant begun = time.instant();
    BmcFault fault = fault(console(responder).power(action, PATIENCE));
    assertEquals(Kind.BUSY, fault.kind(), fault::evidence);
    assertTrue(fault.answered().contains("0xd2"), fault::evidence);
    assertTrue(fault.answered().length() < 200, fault::evidence);
    assertEquals(0, responder.account().controls());
    Duration taken = Duration.between(begun, time.instant());
    assertTrue(taken.compareTo(PATIENCE.plusSeconds(10)) < 0, taken::toString);
  }

  /** It may come with the deed, and a second reset would boot something else. */
  @Test
  void n88_aResetThatTimedOutInTheBmcIsNotSentAgain() {
    machine.on();
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0xc3, 1, true);
    BmcFault fault = fault(console(responder).power(PowerAction.RESET, PATIENCE));
    assertEquals(Kind.UNKNOWN_OUTCOME, fault.kind(), fault::evidence);
    assertEquals(1, machine.account().resets());
  }

  @Test
  void n88_aPowerUpThatTimedOutInTheBmcIsSeenInTheState() {
    IpmiResponder responder = saying(CHASSIS, CONTROL, 0xc3, IpmiFaults.ALWAYS, true);
    done(console(responder).power(PowerAction.ON, PATIENCE));
    assertEquals(1, responder.account().controls());
  }

  @Test
  void n88_aBusyBmcIsAskedAgainForEverythingElse() {
    IpmiFaults faults = IpmiFaults.NONE;
    for (int command : new int[] {0x10, 0x11, 0x40, SEL_ENTRY}) {
      faults = faults.saying(STORAGE, command, 0xc0, 1, false);
    }
    for (int command : new int[] {0x01, 0x37, 0x3b}) {
      faults = faults.saying(0x06, command, 0xd2, 1, false);
    }
    for (int command : new int[] {0x08, 0x09}) {
      faults = faults.saying(CHASSIS, command, 0xc3, 1, false);
    }
    IpmiEvent event = new IpmiEvent(1_767_225_600L, 0x04, 1, 0x01, false, 0x520a14);
    Bmc bmc =
        console(responder(setup().with(IpmiTraits.USUAL.with(List.of(event))).with(faults, 1)));
    assertEquals("SN0042", done(bmc.inventory()).value().serial());
    assertEquals(1, done(bmc.log(5)).value().size());
    assertEquals(PXE_ONCE, done(bmc.setNextBoot(PXE_ONCE)).value());
  }
}
