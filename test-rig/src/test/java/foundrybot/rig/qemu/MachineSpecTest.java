// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MachineSpecTest {
  private static final Path FOLDER = Path.of("/rack");
  private static final String MAC = "52:54:00:aa:00:01";

  @Test
  void onlyAUefiMachineLosesItsOptionRomAndGetsVariables() {
    String uefi = line(Firmware.UEFI_PXE);
    assertTrue(uefi.contains(",romfile= "), uefi);
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

  private static String line(Firmware firmware) {
    List<String> command =
        MachineSpec.of("n1", MAC, firmware).command(FOLDER, "tap0", Path.of("/rack/serial"));
    return String.join(" ", command) + " ";
  }
}
