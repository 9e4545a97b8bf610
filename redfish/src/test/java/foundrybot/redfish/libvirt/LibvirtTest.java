// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's own libvirt, with a machine that it holds. */
@Tag("qemu")
final class LibvirtTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final HardwareAddress CARD = new HardwareAddress("52:54:00:aa:00:01");
  private static final String DOMAIN =
      """
      <domain type='qemu'><name>n1</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
        <devices>
          <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
          <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>
            <target dev='vda' bus='virtio'/></disk>
          <interface type='bridge'><source bridge='fbbr0'/><mac address='52:54:00:aa:00:01'/>
            <model type='virtio'/></interface>
          <graphics type='vnc' passwd='s3cret00'/>
        </devices></domain>
      """;

  @TempDir static Path folder;
  private static PrivateLibvirt libvirt;

  @BeforeAll
  static void start() throws Exception {
    Path disk = folder.resolve("n1.img");
    Files.write(disk, new byte[1 << 20]);
    libvirt = new PrivateLibvirt(folder);
    libvirt.virsh(DOMAIN.replace("%s", disk.toString()), "define", "--file", "/dev/stdin");
  }

  @AfterAll
  static void stop() throws Exception {
    libvirt.close();
  }

  private static Bmc open(URI url, String domain) {
    return Libvirt.open(url, domain, Optional.of(CARD), InstantSource.system(), Thread::sleep);
  }

  private static <T> T done(Outcome<T> outcome) {
    return outcome.result().orElseThrow(() -> new AssertionError(outcome.evidence()));
  }

  private static BmcFault fault(Outcome<?> outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
  }

  private static String domstate() throws Exception {
    return libvirt.virsh("", "domstate", "--domain", "n1").strip();
  }

  @Test
  void theMachineIsSwitchedAsItsOwnCommandSeesIt() throws Exception {
    try (Bmc bmc = open(libvirt.url(), "n1")) {
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
      assertEquals("shut off", domstate());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals("running", domstate());
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.RESET, PATIENCE)));
      String before = libvirt.virsh("", "domid", "--domain", "n1");
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.CYCLE, PATIENCE)));
      assertFalse(before.equals(libvirt.virsh("", "domid", "--domain", "n1")), "another machine");
      libvirt.virsh("", "suspend", "--domain", "n1");
      assertEquals(PowerState.ON, done(bmc.power(PowerAction.ON, PATIENCE)));
      assertEquals("running", domstate());
      assertEquals(PowerState.ON, done(bmc.power()));
      BmcFault deaf = fault(bmc.power(PowerAction.SHUTDOWN, Duration.ofSeconds(2)));
      assertEquals(Kind.NO_EFFECT, deaf.kind(), deaf::evidence);
      assertEquals(PowerState.OFF, done(bmc.power(PowerAction.OFF, PATIENCE)));
      assertEquals("shut off", domstate());
    }
  }

  @Test
  void theBootOrderIsDefinedAndNothingElseIsChanged() throws Exception {
    try (Bmc bmc = open(libvirt.url(), "n1")) {
      Outcome<BootSetting> pxe =
          bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.AS_IS));
      assertEquals(BootDevice.PXE, done(pxe).device());
      assertTrue(
          assertInstanceOf(Outcome.Done.class, pxe).warnings().toString().contains("'once'"));
      assertEquals(BootDevice.PXE, done(bmc.nextBoot()).device());
      String xml = libvirt.virsh("", "dumpxml", "--domain", "n1", "--inactive", "--security-info");
      assertTrue(xml.contains("passwd='s3cret00'"), "the screen's password is kept");
      assertEquals(
          BootDevice.DISK,
          done(bmc.setNextBoot(BootSetting.once(BootDevice.DISK, FirmwareMode.LEGACY))).device());
      BmcFault uefi = fault(bmc.setNextBoot(BootSetting.once(BootDevice.PXE, FirmwareMode.UEFI)));
      assertEquals(Kind.REFUSED, uefi.kind());
    }
  }

  @Test
  void aCdIsInsertedAndEjected() throws Exception {
    Path iso = folder.resolve("a.iso");
    Files.write(iso, new byte[1 << 16]);
    try (Bmc bmc = open(libvirt.url(), "n1")) {
      MediaSlot slot = done(bmc.insertMedia(iso.toUri()));
      assertEquals("sda", slot.name());
      assertTrue(libvirt.virsh("", "domblklist", "--domain", "n1").contains(iso.toString()));
      assertTrue(done(bmc.media()).getFirst().inserted());
      assertFalse(done(bmc.ejectMedia()).getFirst().inserted());
      assertFalse(libvirt.virsh("", "domblklist", "--domain", "n1").contains(iso.toString()));
    }
  }

  @Test
  void whatItIsMadeOfIsTold() {
    try (Bmc bmc = open(libvirt.url(), "n1")) {
      Inventory inventory = done(bmc.inventory());
      assertEquals(List.of(CARD), inventory.nics().stream().map(Inventory.Nic::mac).toList());
      assertEquals(64, inventory.memoryMiB());
      assertEquals(2, inventory.cpus().getFirst().cores());
      assertTrue(done(bmc.identify()).service().startsWith("libvirt 9."));
    }
  }

  @Test
  void whatIsNotThereIsNamed() {
    try (Bmc bmc = open(libvirt.url(), "n2")) {
      BmcFault fault = fault(bmc.power(PowerAction.ON, PATIENCE));
      assertEquals(Kind.NO_SUCH_SYSTEM, fault.kind());
      assertTrue(fault.evidence().contains("n2"), fault::evidence);
    }
    try (Bmc bmc = open(URI.create("libvirt+unix:///system?socket=/nowhere"), "n1")) {
      assertEquals(Kind.UNREACHABLE, fault(bmc.power()).kind());
    }
    try (Bmc bmc = open(URI.create("libvirt+ssh://nobody@127.0.0.1:9/system"), "n1")) {
      assertEquals(Kind.UNREACHABLE, fault(bmc.power()).kind());
    }
  }
}
