// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.qemu.BootOrder.First;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class MachineSpecTest {
  private static final Path FOLDER = Path.of("/rack");
  private static final String MAC = "52:54:00:aa:00:01";

  @Test
  void onlyAUefiMachineLosesItsOptionRomAndGetsVariables() {
    String uefi = line(Firmware.UEFI_PXE);
    assertTrue(uefi.contains(",romfile=,bootindex"), uefi);
    assertTrue(uefi.contains("/rack/n1.vars.fd"), uefi);
    String bios = line(Firmware.BIOS_IPXE_ROM);
    assertFalse(bios.contains("romfile"), bios);
    assertFalse(bios.contains("pflash"), bios);
  }

  @Test
  void theUuidIsTheMachinesOwn() {
    assertEquals(
        "00000000-0000-4000-8000-525400aa0001",
        MachineSpec.of("n1", MAC, Firmware.UEFI_PXE).uuid());
  }

  @Test
  void whatCouldBecomeAnOptionOfQemuIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> MachineSpec.of("a,b", MAC, Firmware.UEFI_PXE));
    assertThrows(
        IllegalArgumentException.class,
        () -> MachineSpec.of("n1", MAC + ",romfile=x", Firmware.UEFI_PXE));
  }

  @Test
  void theOrderOfBootDecidesWhichDeviceIsTriedFirst() {
    String network = line(Firmware.UEFI_PXE);
    assertTrue(network.contains("mac=" + MAC + ",romfile=,bootindex=1 "), network);
    assertTrue(network.contains("drive=d0,bootindex=2 "), network);
    String disk = line(Firmware.UEFI_PXE, new BootOrder(First.DISK, Optional.empty()));
    assertTrue(disk.contains("mac=" + MAC + ",romfile= "), disk);
    assertTrue(disk.contains("drive=d0,bootindex=1 "), disk);
    assertFalse(disk.contains("cd0"), disk);
    URI image = URI.create("nbd+unix:///medium?socket=/tmp/a,b/nbd");
    String cd = line(Firmware.UEFI_PXE, new BootOrder(First.CD, Optional.of(image)));
    assertTrue(cd.contains(",file=nbd+unix:///medium?socket=/tmp/a,,b/nbd "), cd);
    assertTrue(cd.contains("drive=cd0,bootindex=1 "), cd);
    assertTrue(cd.contains("drive=d0,bootindex=2 "), cd);
    String http = line(Firmware.UEFI_PXE, new BootOrder(First.HTTP, Optional.empty()));
    assertTrue(http.contains("IPv4PXESupport,string=n"), http);
    assertTrue(http.contains("mac=" + MAC + ",romfile=,bootindex=1 "), http);
  }

  @Test
  void anOverrideOfTheNextBootComesBeforeTheUsualOrder() {
    Optional<URI> image = Optional.of(URI.create("http://10.0.0.1/a.iso"));
    assertEquals(First.NETWORK, first(BootDevice.PXE, Optional.empty()));
    assertEquals(First.HTTP, first(BootDevice.HTTP, Optional.empty()));
    assertEquals(First.CD, first(BootDevice.CD, image));
    assertEquals(First.DISK, first(BootDevice.CD, Optional.empty()), "an empty drive");
    assertEquals(First.DISK, first(BootDevice.USUAL, image));
  }

  @Test
  void aUrlOfTheBmcIsFetchedBeforeTheUsualOrder() {
    URI url = URI.create("http://10.0.0.1/x.efi");
    BootSetting setting =
        new BootSetting(
            BootDevice.HTTP, Optional.of(url), BootSetting.Lasting.ONCE, FirmwareMode.UEFI);
    assertEquals(
        new BootOrder(First.DISK, Optional.empty(), Optional.of(url)),
        BootOrder.of(new PoweredMachine.Start(setting, Optional.empty()), First.DISK));
  }

  private static First first(BootDevice device, Optional<URI> image) {
    BootSetting setting = BootSetting.once(device, FirmwareMode.AS_IS);
    return BootOrder.of(new PoweredMachine.Start(setting, image), First.DISK).first();
  }

  @Test
  void furtherDisksAreNotStartedFrom() {
    MachineSpec spec = MachineSpec.of("n1", MAC, Firmware.UEFI_PXE).withDisks(3);
    String line =
        String.join(" ", spec.command(FOLDER, "tap0", Path.of("/rack/serial"), BootOrder.NETWORK));
    assertTrue(line.contains("file=/rack/n1.disk.raw,"), line);
    assertTrue(line.contains("drive=d0,bootindex=2 "), line);
    assertTrue(line.contains("file=/rack/n1.disk-2.raw,"), line);
    assertTrue((line + " ").contains("drive=d2 "), line);
    assertFalse(line.contains("d3"), line);
  }

  private static String line(Firmware firmware) {
    return line(firmware, BootOrder.NETWORK);
  }

  private static String line(Firmware firmware, BootOrder order) {
    List<String> command =
        MachineSpec.of("n1", MAC, firmware).command(FOLDER, "tap0", Path.of("/rack/serial"), order);
    return String.join(" ", command) + " ";
  }
}
