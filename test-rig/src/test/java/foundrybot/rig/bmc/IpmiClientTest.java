// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.LogEntry;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our console and the responder, which know nothing of each other, in order. */
final class IpmiClientTest extends IpmiConversation {
  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void everyActionIsCarriedOutOnce(int suite) {
    IpmiResponder responder = responder(setup());
    try (Bmc bmc = console(responder, suite)) {
      List<String> warnings = done(bmc.power()).warnings();
      assertEquals(suite == 3, warnings.stream().anyMatch(w -> w.contains("SHA-1")));
      assertTrue(warnings.stream().anyMatch(w -> w.contains("CVE-2013-4786")), warnings::toString);
      Done<BootSetting> boot = done(bmc.setNextBoot(PXE_ONCE));
      assertEquals(PXE_ONCE, boot.value());
      assertEquals(List.of(), boot.warnings());
      assertEquals(PXE_ONCE, machine.nextBoot());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)).value());
      assertEquals(PXE_ONCE, machine.account().lastStart().orElseThrow().boot());
      assertEquals(BootSetting.NONE, done(bmc.nextBoot()).value());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)).value());
      Done<PowerState> reset = done(bmc.power(PowerAction.RESET, PATIENCE));
      assertEquals(PowerState.ON, reset.value());
      assertTrue(reset.warnings().toString().contains("No state of the BMC"), reset::toString);
      assertEquals(1, machine.account().resets());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)).value());
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.SHUTDOWN, PATIENCE)).value());
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)).value());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)).value());
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)).value());
      assertEquals(3, machine.account().powerOns());
      assertEquals(3, machine.account().powerOffs());
      assertEquals(7, responder.account().controls());
    }
    assertEquals(0, responder.account().openSessions());
  }

  @ParameterizedTest
  @CsvSource({"PXE, ONCE, LEGACY", "PXE, ALWAYS, UEFI", "DISK, ALWAYS, UEFI", "CD, ONCE, LEGACY"})
  void everySettingIsReadBackAsItIs(
      BootDevice device, BootSetting.Lasting lasting, FirmwareMode mode) {
    BootSetting wanted = new BootSetting(device, Optional.empty(), lasting, mode);
    Bmc bmc = console(responder(setup()));
    assertEquals(wanted, done(bmc.setNextBoot(wanted)).value());
    assertEquals(wanted, machine.nextBoot());
    assertEquals(wanted, done(bmc.nextBoot()).value());
    assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)).value());
    assertEquals(BootSetting.NONE, machine.nextBoot());
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void inventoryAndEventsAreRead(int suite) {
    List<IpmiEvent> events = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      events.add(new IpmiEvent(1_767_225_600L + i, 0x04, i, 0x01, i % 2 == 1, 0x520a14));
    }
    Bmc bmc = console(responder(setup().with(IpmiTraits.USUAL.with(events))), suite);
    Inventory inventory = done(bmc.inventory()).value();
    assertEquals(ID.toString(), inventory.uuid());
    assertEquals("SN0042", inventory.serial());
    assertEquals("Foundry", inventory.vendor());
    assertEquals("Node 1", inventory.model());
    assertEquals("2.88", inventory.bmcVersion());
    assertEquals("IPMI 2.0", done(bmc.identify()).value().service());
    List<LogEntry> log = done(bmc.log(3)).value();
    assertEquals(
        List.of("2026-01-01T00:00:37Z", "2026-01-01T00:00:38Z", "2026-01-01T00:00:39Z"),
        log.stream().map(LogEntry::at).toList());
    assertTrue(log.getLast().message().contains("fan"), log.getLast()::message);
    assertEquals("OK", log.getLast().severity());
    assertEquals("Critical", log.get(1).severity());
    assertEquals(40, done(bmc.log(1000)).value().size());
    assertEquals(List.of(), done(console(responder(setup())).log(10)).value());
  }

  @ParameterizedTest
  @EnumSource
  void aGuidIsReadInEveryOrder(IpmiTraits.GuidOrder order) {
    Bmc bmc = console(responder(setup().with(IpmiTraits.USUAL.with(order))));
    assertEquals(ID.toString(), done(bmc.inventory()).value().uuid());
  }

  @ParameterizedTest
  @CsvSource({"17, deployer", "3, deployer", "17, nobody", "3, nobody"})
  void whoIsRefusedOnceDoesNotTryAgain(int suite, String user) {
    IpmiResponder responder = responder(setup());
    Bmc bmc = console(responder, user, "tin-Whistle", only(suite));
    BmcFault first = fault(bmc.power());
    // What it was told at the end has no answer; this has, and comes behind it.
    done(console(responder).power());
    int received = responder.account().received();
    assertEquals(first, fault(bmc.power(PowerAction.ON, PATIENCE)));
    assertEquals(first, fault(bmc.inventory()));
    assertEquals(1, responder.account().refusedLogins());
    // Nothing was sent at all.
    assertEquals(received, responder.account().received());
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 3})
  void aWrongPasswordAndAnUnknownUserAreToldApart(int suite) {
    IpmiResponder responder = responder(setup());
    BmcFault password = fault(console(responder, USER.name(), "tin-Whistle", only(suite)).power());
    assertEquals(Kind.WRONG_PASSWORD, password.kind());
    assertTrue(password.advice().contains("correct the password"), password::evidence);
    assertFalse(password.toString().contains("tin-Whistle"));
    BmcFault user = fault(console(responder, "nobody", PASSWORD, only(suite)).power());
    assertEquals(Kind.WRONG_PASSWORD, user.kind());
    assertTrue(user.advice().contains("correct the user"), user::evidence);
    // One try each: BMCs lock accounts.
    assertEquals(2, responder.account().refusedLogins());
    assertEquals(0, responder.account().openSessions());
    assertEquals(0, responder.account().sessions());
  }

  @ParameterizedTest
  @EnumSource
  void aUserWithoutThePrivilegeIsSaidSo(IpmiAccess.LimitShows where) {
    IpmiUser guest = new IpmiUser("guest", new Secret(PASSWORD), IpmiUser.Privilege.USER);
    IpmiResponder responder =
        responder(setup().with(ACCESS.withUsers(guest).withLimitShows(where)));
    Bmc bmc = console(responder, "guest", PASSWORD, UNHURRIED);
    BmcFault fault = fault(bmc.power(PowerAction.ON, PATIENCE));
    assertEquals(Kind.NO_PRIVILEGE, fault.kind(), fault::evidence);
    assertEquals(0, machine.account().powerOns());
    bmc.close();
    assertEquals(0, responder.account().openSessions());
  }

  @Test
  void aKeyOfTheChannelIsNamed() {
    Secret key = new Secret("channel-key");
    BmcFault fault = fault(console(responder(setup().with(ACCESS.withChannelKey(key)))).power());
    assertEquals(Kind.WRONG_PASSWORD, fault.kind());
    assertTrue(fault.advice().contains("K_G"), fault::evidence);
  }

  @Test
  void aBmcWithoutAFreeSessionIsBusyAndThenFree() {
    IpmiResponder responder = responder(setup().with(ACCESS.withMostSessions(1)));
    Bmc holder = console(responder);
    done(holder.power());
    Bmc other = console(responder);
    BmcFault fault = fault(other.power());
    assertEquals(Kind.BUSY, fault.kind(), fault::evidence);
    holder.close();
    done(other.power());
    // The session of one that is never closed ends after a minute.
    time.pause(Duration.ofSeconds(61));
    done(console(responder).power());
  }
}
