// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Outcome.Done;
import foundrybot.redfish.Outcome.Failed;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.client.RedfishSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Our client and the emulated BMCs, which know nothing of each other. */
final class RedfishClientTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final URI IMAGE = URI.create("https://10.77.0.1/media/n1.iso");
  private static final BootSetting PXE_ONCE = BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS);

  /** One time for both; it passes where the client waits. */
  private static final class SharedTime implements InstantSource, foundrybot.redfish.client.Timing {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public synchronized Instant instant() {
      return now;
    }

    @Override
    public Instant now() {
      return instant();
    }

    @Override
    public synchronized void sleep(Duration time) {
      now = now.plus(time);
    }
  }

  private final SharedTime time = new SharedTime();
  private final PoweredMachine machine = RedfishEmulatorTest.machine(1);

  static List<String> personalities() {
    return Personalities.all().stream().map(Personality::name).toList();
  }

  private RedfishEmulator start(String personality, String faults, long seed) {
    return start(personality, faults, seed, machine);
  }

  private RedfishEmulator start(
      String personality, String faults, long seed, PoweredMachine machine) {
    return RedfishEmulator.start(
        RedfishEmulator.Setup.of(Personalities.of(personality), machine)
            .with((InstantSource) time)
            .with(Faults.parse(faults), seed));
  }

  private Bmc client(RedfishEmulator emulator) {
    return client(emulator, RedfishSettings.USUAL);
  }

  private Bmc client(RedfishEmulator emulator, RedfishSettings settings) {
    Trust trust = new Trust.Fingerprint(emulator.fingerprint().orElseThrow());
    return RedfishBmc.at(
        new BmcEndpoint(
            emulator.url(), Optional.of(RedfishEmulator.CREDENTIALS), trust, Optional.empty()),
        settings,
        time);
  }

  private static <T> T done(Outcome<T> outcome) {
    assertInstanceOf(Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("personalities")
  void everyPersonalityIsUnderstood(String name) {
    try (RedfishEmulator emulator = start(name, "", 1);
        Bmc bmc = client(emulator)) {
      assertFalse(done(bmc.identify()).service().isEmpty());
      assertEquals(PowerState.OFF, done(bmc.power()));
      assertTrue(
          done(bmc.inventory()).nics().stream()
              .anyMatch(nic -> nic.mac().equals(machine.macs().getFirst())));
      assertEquals(BootDevice.PXE, done(bmc.setNextBoot(PXE_ONCE)).device());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals(BootDevice.PXE, machine.account().lastStart().orElseThrow().boot().device());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.RESET, PATIENCE)));
      assertEquals(1, machine.account().resets());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)));
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
      assertEquals(2, machine.account().powerOns());
      assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
      done(bmc.ejectMedia());
      done(bmc.log(10));
      assertEquals(BootSetting.NONE, done(bmc.setNextBoot(BootSetting.NONE)));
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "BASIC_ONLY",
        "NOT_READY",
        "NOT_IDENTITY",
        "EJECT_WANTS_BODY",
        "POST_HINDERS",
        "BUSY_AFTER_OFF"
      })
  void whatIsDeclinedThoughItIsRightIsDoneInTheEnd(Personality.Oddity oddity) {
    Personality odd = Personalities.differing("{\"oddities\":[\"" + oddity + "\"]}");
    Set<String> quirks =
        oddity == Personality.Oddity.BASIC_ONLY ? Set.of("basic-if-named") : Set.of();
    try (RedfishEmulator emulator =
            RedfishEmulator.start(
                RedfishEmulator.Setup.of(odd, machine).with((InstantSource) time));
        Bmc bmc =
            RedfishBmc.at(
                new BmcEndpoint(
                    emulator.url(),
                    Optional.of(RedfishEmulator.CREDENTIALS),
                    new Trust.Fingerprint(emulator.fingerprint().orElseThrow()),
                    Optional.empty(),
                    quirks),
                RedfishSettings.USUAL,
                time)) {
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals(BootDevice.PXE, done(bmc.setNextBoot(PXE_ONCE)).device());
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
      done(bmc.ejectMedia());
      assertEquals(2, machine.account().powerOns());
      // The client never leaves the body of an eject out.
      boolean met = oddity != Personality.Oddity.EJECT_WANTS_BODY;
      assertEquals(met, emulator.oddities().containsKey(oddity), emulator.oddities()::toString);
    }
  }

  private RedfishEmulator odd(String differing) {
    return RedfishEmulator.start(
        RedfishEmulator.Setup.of(Personalities.differing(differing), machine)
            .with((InstantSource) time));
  }

  private static List<String> warnings(Outcome<?> outcome) {
    return outcome instanceof Done<?> done ? done.warnings() : fail(outcome.evidence());
  }

  @Test
  void n8_aModeThatDellSetsAtARestartIsAWarningAndHoldsFromThenOn() {
    try (RedfishEmulator emulator =
            odd("{\"vendor\":\"Dell Inc.\",\"oem\":\"Dell\",\"oddities\":[\"MODE_AT_RESTART\"]}");
        Bmc bmc = client(emulator)) {
      Outcome<BootSetting> set =
          bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.LEGACY));
      assertEquals(FirmwareMode.UEFI, done(set).mode(), "as it is until then");
      assertTrue(warnings(set).toString().contains("after a restart"), set::toString);
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      BootSetting started = machine.account().lastStart().orElseThrow().boot();
      assertEquals(FirmwareMode.LEGACY, started.mode());
    }
  }

  @Test
  void n10_aDriveThatShowsItsImageAfterTheEjectionIsWaitedFor() {
    URI other = URI.create("https://10.77.0.1/media/n2.iso");
    try (RedfishEmulator emulator = odd("{\"oddities\":[\"EJECT_LAGS\"]}");
        Bmc bmc = client(emulator)) {
      assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
      Instant before = time.instant();
      assertTrue(done(bmc.insertMedia(other)).inserted());
      assertFalse(time.instant().isBefore(before.plusSeconds(5)), "it was waited for");
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals(
          Optional.of(other), machine.account().lastStart().orElseThrow().media(), "the new one");
      done(bmc.ejectMedia());
    }
  }

  @Test
  void n89_aModeThatIsSetAlreadyMakesNoJobOfDellsSetup() {
    try (RedfishEmulator emulator =
            odd("{\"vendor\":\"Dell Inc.\",\"oem\":\"Dell\",\"oddities\":[\"MODE_IS_A_JOB\"]}");
        Bmc bmc = client(emulator)) {
      assertEquals(BootDevice.PXE, done(bmc.setNextBoot(PXE_ONCE)).device());
      assertTrue(emulator.oddities().isEmpty(), emulator.oddities()::toString);
      done(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.LEGACY)));
      assertTrue(emulator.oddities().containsKey(Personality.Oddity.MODE_IS_A_JOB));
    }
  }

  @Test
  void n92_aDriveThatGoesOnToNameItsImageIsEmptyAfterTheEjection() {
    try (RedfishEmulator emulator = odd("{\"oddities\":[\"NAMES_EJECTED\"]}");
        Bmc bmc = client(emulator)) {
      assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
      assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals(Optional.empty(), machine.account().lastStart().orElseThrow().media());
      assertTrue(done(bmc.insertMedia(IMAGE)).inserted());
      done(bmc.ejectMedia());
    }
  }

  @Test
  void n94_aSessionIsEndedByWhateverNameTheBmcCallsItself() {
    try (RedfishEmulator emulator = odd("{\"tasks\":true,\"oddities\":[\"ANOTHER_NAME\"]}")) {
      try (Bmc bmc = client(emulator)) {
        assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      }
      assertEquals(0, emulator.account().openSessions());
    }
  }

  @Test
  void n36_aUuidOfZerosIsSaidToTellNoMachineFromAnother() {
    try (RedfishEmulator emulator = odd("{\"oddities\":[\"UUID_OF_ZEROS\"]}");
        Bmc bmc = client(emulator)) {
      Outcome<Inventory> inventory = bmc.inventory();
      assertTrue(done(inventory).uuid().startsWith("00000000-0000-0000-0000-"));
      assertTrue(warnings(inventory).toString().contains("not unique"), inventory::toString);
      assertEquals(machine.serial(), done(inventory).serial());
    }
  }

  @Test
  void n52_aBmcWithoutBootPropertiesIsSaidToHaveNoneAndStillSwitches() {
    try (RedfishEmulator emulator = odd("{\"oddities\":[\"NO_BOOT\"]}");
        Bmc bmc = client(emulator)) {
      Outcome<BootSetting> set = bmc.setNextBoot(PXE_ONCE);
      assertInstanceOf(Outcome.Unsupported.class, set, set::evidence);
      assertTrue(set.evidence().contains("IPMI"), set::evidence);
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
    }
  }

  @Test
  void n55_aLimitThatIsSaidAs403IsBusyAndNoLackOfPrivileges() {
    try (RedfishEmulator emulator = odd("{\"oddities\":[\"LIMIT_IS_403\"]}");
        Bmc bmc = client(emulator)) {
      Outcome<PowerState> on = bmc.power(PowerAction.ON, PATIENCE);
      assertInstanceOf(Failed.class, on, on::evidence);
      assertEquals(BmcFault.Kind.BUSY, ((Failed<PowerState>) on).fault().kind(), on::evidence);
      assertEquals(0, machine.account().powerOns());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals(1, machine.account().powerOns());
    }
  }

  @Test
  void n73_aSetupThatIsWrittenBehindAHeldRequestIsSeenToBe() {
    RedfishSettings hasty =
        new RedfishSettings(
            Duration.ofSeconds(8),
            Duration.ofMillis(800),
            RedfishSettings.USUAL.call(),
            RedfishSettings.USUAL.readBack());
    try (RedfishEmulator emulator =
            odd(
                "{\"vendor\":\"Supermicro\",\"oem\":\"Supermicro\","
                    + "\"bootTargets\":[\"None\",\"Pxe\",\"Cd\",\"Hdd\"],"
                    + "\"setup\":{\"IPv4HTTPSupport\":\"Disabled\"},"
                    + "\"oddities\":[\"SETUP_IS_HELD\"]}");
        Bmc bmc = client(emulator, hasty)) {
      BootSetting http =
          new BootSetting(
              BootDevice.HTTP,
              Optional.of(URI.create("http://10.77.0.1/program/snponly.efi")),
              BootSetting.Lasting.ONCE,
              FirmwareMode.UEFI);
      Outcome<BootSetting> set = bmc.setNextBoot(http);
      assertEquals(BootDevice.PXE, done(set).device(), "for now");
      assertTrue(
          warnings(set).toString().contains("IPv4HTTPSupport was set; it is in force after"),
          set::toString);
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      Outcome<BootSetting> again = bmc.setNextBoot(http);
      assertFalse(warnings(again).toString().contains("IPv4HTTPSupport"), "it is in force");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "error-500=0.3",
    "busy-503=0.4",
    "reset-before=0.2*4",
    "reset-after=0.5",
    "reset-reused",
    "stale=0.7",
    "lost-session=0.3*1",
    "lag",
    "task",
    "html=0.3",
    "cut=0.3",
    "sessions-full"
  })
  void aFaultThatPassesIsOutlived(String fault) {
    for (int seed = 1; seed <= 5; seed++) {
      PoweredMachine machine = RedfishEmulatorTest.machine(seed);
      try (RedfishEmulator emulator = start("plain", fault, seed, machine);
          Bmc bmc = client(emulator)) {
        String run = fault + ", seed " + seed;
        Outcome<BootSetting> boot = bmc.setNextBoot(PXE_ONCE);
        assertTrue(boot.result().isPresent(), () -> run + ": " + boot.evidence());
        Outcome<PowerState> on = bmc.power(PowerAction.ON, PATIENCE);
        assertTrue(on.result().isPresent(), () -> run + ": " + on.evidence());
        assertEquals(PowerState.ON, machine.powerState());
        assertEquals(1, machine.account().powerOns(), run);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "no-op, NO_EFFECT",
    "task-fails, REFUSED",
    "wrong-password, WRONG_PASSWORD",
    "password-change, NO_PRIVILEGE"
  })
  void aFaultThatStaysIsNamed(String fault, BmcFault.Kind kind) {
    try (RedfishEmulator emulator = start("plain", fault, 1);
        Bmc bmc = client(emulator)) {
      Outcome<PowerState> on = bmc.power(PowerAction.ON, PATIENCE);
      assertInstanceOf(Failed.class, on, on::evidence);
      assertEquals(kind, ((Failed<PowerState>) on).fault().kind(), on::evidence);
      assertEquals(0, machine.account().powerOns());
    }
  }

  @Test
  void aShutdownThatIsIgnoredIsSaidSo() {
    machine.on();
    try (RedfishEmulator emulator = start("plain", "ignores-shutdown", 1);
        Bmc bmc = client(emulator)) {
      Outcome<PowerState> down = bmc.power(PowerAction.SHUTDOWN, PATIENCE);
      assertInstanceOf(Failed.class, down, down::evidence);
      assertEquals(PowerState.ON, machine.powerState());
    }
  }
}
