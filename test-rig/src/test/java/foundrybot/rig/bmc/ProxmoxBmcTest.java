// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.Secret;
import foundrybot.redfish.Trust;
import foundrybot.redfish.proxmox.Proxmox;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A virtual machine of the simulated Proxmox VE, switched by HTTPS over loopback. */
final class ProxmoxBmcTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final HardwareAddress CARD = new HardwareAddress("bc:24:11:00:00:01");
  private static final URI IMAGE = URI.create("https://10.77.0.1/media/0123456789abcdef/n1.iso");

  private final PveTime time = new PveTime();
  private PveEmulator pve = started(PveEmulator.Setup.of(time));

  private void start(String faults) {
    start(PveEmulator.Setup.of(time).with(Faults.parse(faults)));
  }

  private void start(PveEmulator.Setup setup) {
    pve.close();
    pve = started(setup);
  }

  private static PveEmulator started(PveEmulator.Setup setup) {
    PveEmulator started = PveEmulator.start(setup);
    started.add(setup.nodes().getFirst(), 105, config("n1", CARD));
    return started;
  }

  private static Map<String, String> config(String name, HardwareAddress card) {
    return new HashMap<>(
        Map.of(
            "name", name,
            "cores", "4",
            "memory", "8192",
            "bios", "ovmf",
            "machine", "pc-q35-9.0",
            "scsi0", "local-lvm:vm-105-disk-0,iothread=1,size=32G",
            "net0", "virtio=" + card.text().toUpperCase(Locale.ROOT) + ",bridge=vmbr0",
            "ide2", "none,media=cdrom",
            "boot", "order=scsi0;net0",
            "smbios1", "uuid=4C4C4544-0042-4810-8051-B4C04F4A3132"));
  }

  @AfterEach
  void stop() {
    pve.close();
  }

  private Bmc open(Credentials who, Optional<String> system, URI url) {
    return Proxmox.open(
        new BmcEndpoint(url, Optional.of(who), new Trust.Fingerprint(pve.fingerprint()), system),
        "n1",
        CARD,
        time,
        time);
  }

  private Bmc open() {
    return open(PveEmulator.TOKEN, Optional.empty(), pve.url());
  }

  private Bmc open(String system) {
    return open(PveEmulator.TOKEN, Optional.of(system), pve.url());
  }

  private static <T> T done(Outcome<T> outcome) {
    assertInstanceOf(Outcome.Done.class, outcome, outcome::evidence);
    return outcome.result().orElseThrow();
  }

  private static BmcFault failed(Outcome<?> outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
  }

  private PoweredMachine.Account machine() {
    return pve.machine(105).orElseThrow().account();
  }

  @Test
  void itIsFoundByItsCardAndTellsWhatItIs() {
    try (Bmc bmc = open()) {
      Identity identity = done(bmc.identify());
      assertEquals("8.2.4", identity.firmware());
      assertEquals("n1 (VM 105 on pve1)", identity.model());
      Inventory inventory = done(bmc.inventory());
      assertEquals("4c4c4544-0042-4810-8051-b4c04f4a3132", inventory.uuid());
      assertEquals(4, inventory.cpus().getFirst().cores());
      assertEquals(8192, inventory.memoryMiB());
      assertEquals(CARD, inventory.nics().getFirst().mac());
      assertEquals(32L << 30, inventory.drives().getFirst().bytes());
      assertEquals("UEFI", inventory.biosVersion());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ON, 1, 0, 0, qmstart",
    "CYCLE, 1, 0, 0, qmstart",
    "RESET, 1, 0, 0, qmstart",
  })
  void whatIsOffIsSwitchedOn(PowerAction action, int ons, int offs, int resets, String task) {
    try (Bmc bmc = open()) {
      assertEquals(PowerState.OFF, done(bmc.power()));
      assertEquals(PowerState.ON, done(bmc.power(action, PATIENCE)));
      assertEquals(PowerState.ON, done(bmc.power()));
      assertEquals(ons, machine().powerOns());
      assertEquals(offs, machine().powerOffs());
      assertEquals(resets, machine().resets());
      assertEquals(task, done(bmc.log(5)).getFirst().message().replaceFirst(" .*", ""));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ON, 1, 0, 0, ON",
    "OFF, 1, 1, 0, OFF",
    "SHUTDOWN, 1, 1, 0, OFF",
    "CYCLE, 2, 1, 0, ON",
    "RESET, 1, 0, 1, ON",
  })
  void whatIsOnObeys(PowerAction action, int ons, int offs, int resets, PowerState after) {
    try (Bmc bmc = open()) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(after, done(bmc.power(action, PATIENCE)));
      assertEquals(after, done(bmc.power()));
      assertEquals(ons, machine().powerOns());
      assertEquals(offs, machine().powerOffs());
      assertEquals(resets, machine().resets());
    }
  }

  @Test
  void whatIsPausedGoesOn() {
    try (Bmc bmc = open()) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      pve.pause(105);
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(1, pve.account().count("status/resume"));
    }
  }

  @Test
  void aSystemThatDoesNotListenIsAskedAgainAndThenNamed() {
    start("ignores-shutdown");
    try (Bmc bmc = open()) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      BmcFault fault = failed(bmc.power(PowerAction.SHUTDOWN, PATIENCE));
      assertEquals(Kind.NO_EFFECT, fault.kind());
      assertTrue(fault.advice().contains("does not listen"), fault::evidence);
      assertTrue(pve.account().count("status/shutdown") >= 3);
      assertEquals(0, machine().powerOffs());
    }
  }

  @Test
  void theBootOrderIsSetReadBackAndSaidToStay() {
    try (Bmc bmc = open()) {
      assertEquals(BootDevice.DISK, done(bmc.nextBoot()).device());
      Outcome<BootSetting> set =
          bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI));
      assertEquals(BootDevice.PXE, done(set).device());
      List<String> warnings = ((Outcome.Done<BootSetting>) set).warnings();
      assertEquals(1, warnings.size(), warnings::toString);
      assertTrue(warnings.getFirst().contains("no 'once'"), warnings::toString);
      assertEquals("order=net0;scsi0;ide2", pve.config(105).get("boot"));
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(BootDevice.PXE, machine().lastStart().orElseThrow().boot().device());
    }
  }

  @Test
  void anOrderForAMachineThatRunsHoldsFromItsNextPowerOnAndIsSaidSo() {
    try (Bmc bmc = open()) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      Outcome<BootSetting> set =
          bmc.setNextBoot(
              new BootSetting(
                  BootDevice.PXE,
                  Optional.empty(),
                  BootSetting.Lasting.ALWAYS,
                  FirmwareMode.AS_IS));
      assertTrue(
          ((Outcome.Done<BootSetting>) set).warnings().getFirst().contains("next power-on"),
          set::evidence);
      done(bmc.power(PowerAction.RESET, PATIENCE));
      assertEquals(BootDevice.DISK, machine().lastStart().orElseThrow().boot().device());
      done(bmc.power(PowerAction.CYCLE, PATIENCE));
      assertEquals(BootDevice.PXE, machine().lastStart().orElseThrow().boot().device());
    }
  }

  @Test
  void whatAnOrderCannotDoIsNotPretended() {
    try (Bmc bmc = open()) {
      assertInstanceOf(
          Outcome.Unsupported.class,
          bmc.setNextBoot(BootSetting.once(BootDevice.HTTP, FirmwareMode.UEFI)));
      BmcFault fault =
          failed(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.LEGACY)));
      assertTrue(fault.answered().contains("UEFI"), fault::evidence);
    }
  }

  @Test
  void theNodeFetchesAnImageAndItIsDeletedWithTheEjection() {
    try (Bmc bmc = open()) {
      assertEquals("local:iso/foundrybot-105.iso", done(bmc.insertMedia(IMAGE)).image());
      done(bmc.insertMedia(IMAGE));
      done(bmc.setNextBoot(BootSetting.once(BootDevice.CD, FirmwareMode.AS_IS)));
      done(bmc.power(PowerAction.ON, PATIENCE));
      PoweredMachine.Start start = machine().lastStart().orElseThrow();
      assertEquals(BootDevice.CD, start.boot().device());
      assertEquals(Optional.of(IMAGE), start.media());
      assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
      assertEquals("none,media=cdrom", pve.config(105).get("ide2"));
      assertEquals(List.of(), pve.volumes());
    }
  }

  @Test
  void aUserHasATicketThatIsRenewedAfterTwoHours() {
    try (Bmc bmc = open(PveEmulator.USER, Optional.empty(), pve.url())) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(1, pve.account().count("access/ticket"));
      time.pause(Duration.ofHours(3));
      done(bmc.power(PowerAction.OFF, PATIENCE));
      assertEquals(2, pve.account().count("access/ticket"));
      assertEquals(1, machine().powerOffs());
    }
  }

  @Test
  void aTicketThatEndsEarlyIsReplacedAndTheRequestDoneOnce() {
    start("lost-session@status/start*1");
    try (Bmc bmc = open(PveEmulator.USER, Optional.empty(), pve.url())) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(2, pve.account().count("access/ticket"));
      assertEquals(1, machine().powerOns());
    }
  }

  @Test
  void aWrongPasswordOrTokenIsTriedOnce() {
    for (Credentials good : List.of(PveEmulator.USER, PveEmulator.TOKEN)) {
      int before = pve.account().refusedLogins();
      Credentials wrong = new Credentials(good.user(), new Secret("not-the-secret"));
      try (Bmc bmc = open(wrong, Optional.empty(), pve.url())) {
        assertEquals(Kind.WRONG_PASSWORD, failed(bmc.power()).kind());
        BmcFault again = failed(bmc.power(PowerAction.ON, PATIENCE));
        assertEquals(Kind.WRONG_PASSWORD, again.kind());
        assertFalse(again.evidence().contains("not-the-secret"), again::evidence);
      }
      assertEquals(before + 1, pve.account().refusedLogins());
    }
  }

  @Test
  void aSecondFactorIsAnsweredByTheAdviceToUseAToken() {
    start(PveEmulator.Setup.of(time).withSecondFactor());
    try (Bmc bmc = open(PveEmulator.USER, Optional.empty(), pve.url())) {
      BmcFault fault = failed(bmc.power());
      assertTrue(fault.advice().contains("API token"), fault::evidence);
    }
  }

  @Test
  void aMissingPrivilegeIsNamedWithItsPath() {
    pve.revoke("VM.PowerMgmt");
    try (Bmc bmc = open()) {
      BmcFault fault = failed(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(Kind.NO_PRIVILEGE, fault.kind());
      assertTrue(fault.answered().contains("/vms/105, VM.PowerMgmt"), fault::evidence);
      pve.revoke("VM.Config.Disk");
      assertEquals(
          Kind.NO_PRIVILEGE,
          failed(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS))).kind());
    }
  }

  @Test
  void aLockedMachineIsBusy() {
    pve.set(105, "lock", "backup");
    try (Bmc bmc = open()) {
      BmcFault start = failed(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(Kind.BUSY, start.kind());
      assertTrue(start.answered().contains("VM is locked (backup)"), start::evidence);
      BmcFault boot = failed(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS)));
      assertEquals(Kind.BUSY, boot.kind());
      assertTrue(boot.kind().mayPass());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "task-fails@status/start, REFUSED, kvm",
    "no-op@status/start, NO_EFFECT, stopped",
    "error-500@status/start, REFUSED, no worker upid",
    "busy-503@status/start, BUSY, 503",
    "html@status/start, UNKNOWN_OUTCOME, without the JSON",
    "html@cluster/resources, BROKEN, without the JSON",
    "expired-certificate, DONE, ''",
    "reset-after@status/start, DONE, ''",
    "reset-before@status/current*2, DONE, ''",
    "cut@tasks*1, BROKEN, half a body",
  })
  void whatGoesWrongIsNamed(String faults, String kind, String words) {
    start(faults);
    try (Bmc bmc = open()) {
      Outcome<PowerState> outcome = bmc.power(PowerAction.ON, PATIENCE);
      if (kind.equals("DONE")) {
        assertEquals(PowerState.ON, done(outcome));
        assertEquals(1, machine().powerOns());
      } else {
        assertEquals(Kind.valueOf(kind), failed(outcome).kind(), outcome::evidence);
        assertTrue(outcome.evidence().contains(words), outcome::evidence);
      }
    }
  }

  @Test
  void anotherCertificateIsNotTrusted() {
    try (Bmc bmc =
        Proxmox.open(
            new BmcEndpoint(
                pve.url(),
                Optional.of(PveEmulator.TOKEN),
                new Trust.Fingerprint("ab".repeat(32)),
                Optional.empty()),
            "n1",
            CARD,
            time,
            time)) {
      assertEquals(Kind.NOT_TRUSTED, failed(bmc.power()).kind());
      assertEquals(0, pve.account().count(""));
    }
  }

  @Test
  void aNumberThatIsNowAnotherMachineIsNotTouched() {
    pve.add("pve1", 106, config("other", new HardwareAddress("bc:24:11:00:00:99")));
    try (Bmc bmc = open("106")) {
      BmcFault fault = failed(bmc.power(PowerAction.OFF, PATIENCE));
      assertEquals(Kind.NO_SUCH_SYSTEM, fault.kind());
      assertEquals(0, pve.account().count("POST"));
    }
    for (String system : List.of("105", "n1")) {
      try (Bmc bmc = open(system)) {
        assertEquals(PowerState.OFF, done(bmc.power()));
      }
    }
  }

  @Test
  void ofTwoMachinesWithTheCardNoneIsTaken() {
    pve.add("pve1", 106, config("n1", CARD));
    try (Bmc bmc = open()) {
      BmcFault fault = failed(bmc.power());
      assertEquals(Kind.NO_SUCH_SYSTEM, fault.kind());
      assertTrue(fault.answered().contains("VM 105 on pve1, VM 106 on pve1"), fault::evidence);
    }
    try (Bmc bmc = open("106")) {
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertTrue(pve.machine(106).isPresent());
    }
  }

  @Test
  void aMachineThatMovesIsFoundAgain() {
    start(PveEmulator.Setup.of(time).withNodes("pve1", "pve2"));
    try (Bmc bmc = open()) {
      done(bmc.power());
      pve.move(105, "pve2");
      done(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(1, pve.account().count("POST /nodes/pve2/qemu/105/status/start"));
    }
  }

  @Test
  void aNodeThatIsCutOffIsUnreachableAndNotAMachineThatIsGone() {
    start(PveEmulator.Setup.of(time).withNodes("pve2", "pve1").withMessageInBody());
    pve.cutOff("pve2");
    try (Bmc bmc = open()) {
      BmcFault fault = failed(bmc.power());
      assertEquals(Kind.UNREACHABLE, fault.kind());
      assertTrue(fault.answered().contains("VM 105 on pve2"), fault::evidence);
    }
  }

  @Test
  void whatIsNoUrlOrNoUserIsRefusedAtOnce() {
    for (String user : List.of("ops", "ops@pve!", "a b@pve")) {
      Credentials who = new Credentials(user, new Secret("x"));
      assertThrows(IllegalArgumentException.class, () -> open(who, Optional.empty(), pve.url()));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> open(PveEmulator.TOKEN, Optional.empty(), URI.create("proxmox://h/a/b")));
  }
}
