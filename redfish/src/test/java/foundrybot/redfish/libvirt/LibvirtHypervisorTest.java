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
import foundrybot.redfish.Hypervisor;
import foundrybot.redfish.Hypervisor.Creation;
import foundrybot.redfish.Hypervisor.Whose;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Disk;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Format;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.VirtualMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that are made and deleted on Debian's own libvirt, and looked at by its own command. */
@Tag("qemu")
final class LibvirtHypervisorTest {
  private static final HardwareAddress CARD = new HardwareAddress("52:54:00:aa:00:01");
  private static final HardwareAddress OTHER = new HardwareAddress("52:54:00:aa:00:02");
  private static final Disk DISK = new Disk(100, Optional.empty(), Optional.empty());
  private static final Disk RAW = new Disk(30, Optional.of("default"), Optional.of(Format.RAW));
  private static final String STRANGER =
      """
      <domain type='qemu'><name>%s</name><memory unit='MiB'>64</memory><vcpu>2</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
        <devices>
          <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/>
            <target dev='vda' bus='virtio'/></disk>
          <interface type='bridge'><source bridge='fbbr0'/><mac address='%s'/>
            <model type='virtio'/></interface>
        </devices></domain>
      """;

  @TempDir static Path folder;
  private static PrivateLibvirt libvirt;
  private Hypervisor host;

  @BeforeAll
  static void start() throws Exception {
    libvirt = new PrivateLibvirt(folder);
    libvirt.pool();
  }

  @AfterAll
  static void stop() throws Exception {
    libvirt.close();
  }

  @BeforeEach
  void open() {
    host = Libvirt.hypervisor(libvirt.url(), InstantSource.system(), Thread::sleep);
  }

  @AfterEach
  void clear() throws Exception {
    for (VirtualMachine machine : done(host.machines())) {
      done(host.delete(machine.name(), machine.macs().getFirst(), Whose.ANYBODYS));
    }
    for (String line : volumes()) {
      libvirt.virsh("", "vol-delete", "--pool", "default", "--vol", line);
    }
  }

  private static MachineSpec spec(String name, Firmware firmware, boolean tpm, Disk... disks) {
    Nic nic = new Nic(CARD, new Link.Bridge(PrivateLibvirt.BRIDGE));
    return new MachineSpec(name, 2, 256, List.of(disks), List.of(nic), firmware, tpm);
  }

  private static <T> T done(Outcome<T> outcome) {
    return outcome.result().orElseThrow(() -> new AssertionError(outcome.evidence()));
  }

  private static BmcFault fault(Outcome<?> outcome) {
    return assertInstanceOf(Outcome.Failed.class, outcome, outcome::evidence).fault();
  }

  private static List<String> volumes() throws Exception {
    return libvirt
        .virsh("", "vol-list", "--pool", "default")
        .lines()
        .map(line -> line.strip().replaceFirst("\\s.*", ""))
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static String xml(String name) throws Exception {
    return libvirt.virsh("", "dumpxml", "--domain", name, "--inactive");
  }

  private static Path stranger(String name, HardwareAddress card) throws Exception {
    Path disk = Files.write(folder.resolve(name + ".img"), new byte[1 << 20]);
    libvirt.virsh(STRANGER.formatted(name, disk, card), "define", "--file", "/dev/stdin");
    return disk;
  }

  @Test
  void aMachineIsMadeAsItWasWantedRunsAndGoesWithAllThatIsItsOwn() throws Exception {
    Creation made = done(host.create(spec("n1", Firmware.UEFI, true, DISK, RAW)));
    assertTrue(made.fresh() && made.machine().ours());
    assertEquals(List.of("n1-0.qcow2", "n1-1.raw"), volumes());
    String defined = xml("n1");
    for (String part :
        List.of(
            "<domain type='qemu'>",
            "machine='pc-q35-",
            "<os firmware='efi'>",
            "<vcpu placement='static'>2</vcpu>",
            "<memory unit='KiB'>262144</memory>",
            "<source bridge='fbbr0'/>",
            "<backend type='emulator' version='2.0'/>",
            "<log file='/var/log/libvirt/qemu/n1-console.log' append='on'/>")) {
      assertTrue(defined.contains(part), () -> part + " in " + defined);
    }
    try (Bmc bmc =
        Libvirt.open(
            libvirt.url(), "n1", Optional.of(CARD), InstantSource.system(), Thread::sleep)) {
      assertEquals(BootDevice.PXE, done(bmc.nextBoot()).device());
      done(bmc.power(PowerAction.ON, Duration.ofSeconds(30)));
    }
    VirtualMachine running = done(host.machines()).getFirst();
    assertEquals(PowerState.ON, running.power());
    assertEquals(2, running.cores());
    assertEquals(256, running.memoryMiB());
    String nvram = "/var/lib/libvirt/qemu/nvram/n1_VARS.fd";
    String tpm = "/var/lib/libvirt/swtpm/" + running.id();
    assertTrue(libvirt.sees(nvram) && libvirt.sees(tpm), "it has variables and a TPM of its own");
    Outcome<VirtualMachine> deleted = host.delete("n1", CARD, Whose.OURS);
    assertEquals(running, done(deleted));
    assertEquals(List.of(), ((Outcome.Done<VirtualMachine>) deleted).warnings());
    assertEquals(List.of(), volumes());
    assertEquals(List.of(), done(host.machines()));
    assertFalse(libvirt.sees(nvram) || libvirt.sees(tpm), "both are gone");
    assertEquals(Kind.NO_SUCH_SYSTEM, fault(host.delete("n1", CARD, Whose.OURS)).kind());
  }

  @Test
  void oneThatIsThereAsWantedIsLeftAndEachDifferenceOfAnotherIsNamed() throws Exception {
    MachineSpec wanted = spec("n1", Firmware.UEFI_SECURE_BOOT, false, DISK);
    assertTrue(done(host.create(wanted)).fresh());
    String before = xml("n1");
    assertFalse(done(host.create(wanted)).fresh());
    Nic nic = new Nic(CARD, new Link.Network("rack"));
    Nic more = new Nic(OTHER, new Link.Bridge(PrivateLibvirt.BRIDGE));
    BmcFault fault =
        fault(
            host.create(
                new MachineSpec(
                    "n1", 3, 512, List.of(RAW), List.of(nic, more), Firmware.UEFI, true)));
    assertEquals(Kind.REFUSED, fault.kind());
    assertEquals(
        "there is one, which differs: cores: 2 (expected: 3);"
            + " memory in MiB: 256 (expected: 512); disk 1 in MiB: 100 (expected: 30);"
            + " disk 1 as: qcow2 (expected: raw);"
            + " card 52:54:00:aa:00:01: bridge fbbr0 (expected: network rack);"
            + " card 52:54:00:aa:00:02: no such card (expected: bridge fbbr0);"
            + " firmware: uefi secure boot (expected: uefi); tpm: none (expected: TPM 2.0)",
        fault.answered());
    assertEquals(before, xml("n1"));
    assertEquals(List.of("n1-0.qcow2"), volumes());
  }

  @Test
  void aStrangersMachineOfTheSameNameOrCardIsLeftAlone() throws Exception {
    Path disk = stranger("n1", OTHER);
    stranger("desk", CARD);
    String before = xml("n1") + xml("desk");
    BmcFault name = fault(host.create(spec("n1", Firmware.BIOS, false, DISK)));
    assertEquals(Kind.REFUSED, name.kind());
    assertTrue(
        name.answered().contains("made by somebody else and differs: memory"), name::answered);
    BmcFault card = fault(host.create(spec("n2", Firmware.BIOS, false, DISK)));
    assertEquals(Kind.REFUSED, card.kind());
    assertEquals("52:54:00:aa:00:01 is a card of the machine 'desk'", card.answered());
    assertEquals(List.of(), volumes());
    assertEquals(
        "it was made by somebody else", fault(host.delete("n1", OTHER, Whose.OURS)).answered());
    assertEquals(Kind.REFUSED, fault(host.delete("n1", CARD, Whose.ANYBODYS)).kind());
    assertEquals(before, xml("n1") + xml("desk"));
    assertEquals(
        List.of(false, false), done(host.machines()).stream().map(VirtualMachine::ours).toList());
    Outcome<VirtualMachine> forced = host.delete("n1", OTHER, Whose.ANYBODYS);
    done(forced);
    assertEquals(
        List.of("kept " + disk + ", which was not made with it"),
        ((Outcome.Done<VirtualMachine>) forced).warnings());
    assertTrue(Files.exists(disk));
  }

  @Test
  void whatWasMadeOfAMachineThatFailedIsRemovedAndWhatWasThereStays() throws Exception {
    libvirt.virsh(
        "", "vol-create-as", "--pool", "default", "--name", "n1-1.raw", "--capacity", "1M");
    BmcFault fault = fault(host.create(spec("n1", Firmware.BIOS, false, DISK, RAW)));
    assertEquals(Kind.REFUSED, fault.kind());
    assertTrue(fault.answered().contains("'n1-1.raw' exists already"), fault::answered);
    assertEquals(List.of("n1-1.raw"), volumes());
    assertEquals(List.of(), done(host.machines()));
  }

  @Test
  void aPoolOrNetworkThatIsNotThereIsNamedAndNothingIsMade() throws Exception {
    Disk nowhere = new Disk(100, Optional.of("fast"), Optional.empty());
    BmcFault pool = fault(host.create(spec("n1", Firmware.BIOS, false, DISK, nowhere)));
    assertEquals(Kind.REFUSED, pool.kind());
    assertTrue(pool.answered().contains("'fast'"), pool::answered);
    assertTrue(pool.advice().contains("pool-define-as"), pool::advice);
    Nic nic = new Nic(CARD, new Link.Network("rack"));
    BmcFault network =
        fault(
            host.create(
                new MachineSpec("n1", 1, 64, List.of(DISK), List.of(nic), Firmware.BIOS, false)));
    assertEquals(Kind.REFUSED, network.kind());
    assertTrue(network.evidence().contains("'rack'"), network::evidence);
    assertEquals(List.of(), volumes());
  }

  @Test
  void aDiskThatAnotherMachineHasTooIsKept() throws Exception {
    done(host.create(spec("n1", Firmware.BIOS, false, DISK)));
    String path = libvirt.virsh("", "vol-path", "--pool", "default", "--vol", "n1-0.qcow2").strip();
    libvirt.virsh(STRANGER.formatted("desk", path, OTHER), "define", "--file", "/dev/stdin");
    Outcome<VirtualMachine> deleted = host.delete("n1", CARD, Whose.OURS);
    done(deleted);
    assertEquals(
        List.of("kept default/n1-0.qcow2, which 'desk' has, too"),
        ((Outcome.Done<VirtualMachine>) deleted).warnings());
    assertEquals(List.of("n1-0.qcow2"), volumes());
  }

  @Test
  void theMarkStaysWhenTheBootOrderIsSet() throws Exception {
    done(host.create(spec("n1", Firmware.BIOS, false)));
    try (Bmc bmc =
        Libvirt.open(
            libvirt.url(), "n1", Optional.of(CARD), InstantSource.system(), Thread::sleep)) {
      done(bmc.setNextBoot(BootSetting.once(BootDevice.CD, FirmwareMode.LEGACY)));
    }
    assertTrue(done(host.machines()).getFirst().ours());
  }
}
