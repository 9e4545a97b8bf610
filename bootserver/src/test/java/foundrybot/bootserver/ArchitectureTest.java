// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.Architecture.Firmware;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void theRegistryIsWholeUpToTheRaspberryPi() {
    assertEquals(41, Architecture.lastRegistered());
    assertEquals(Firmware.RASPBERRY_PI, new Architecture(41).firmware());
    assertEquals(Firmware.OTHER, new Architecture(42).firmware());
    assertEquals("not registered", new Architecture(0xffff).name());
  }

  @Test
  void codesMeanWhatTheRegistrySays() {
    assertEquals(Firmware.BIOS_X86, new Architecture(0).firmware());
    assertEquals(Firmware.UEFI_X64, new Architecture(7).firmware());
    assertEquals(Firmware.UEFI_X64, new Architecture(9).firmware());
    assertEquals(Firmware.UEFI_ARM32, new Architecture(10).firmware());
    assertEquals(Firmware.UEFI_ARM64, new Architecture(11).firmware());
    assertEquals(Firmware.U_BOOT_ARM64, new Architecture(22).firmware());
    assertEquals(Firmware.UEFI_RISCV64, new Architecture(27).firmware());
    assertEquals(Firmware.UEFI_LOONGARCH64, new Architecture(39).firmware());
  }

  @Test
  void theHttpVariantsAreKnownAsSuch() {
    for (int code : new int[] {15, 16, 17, 18, 19, 20, 23, 24, 26, 28, 30, 38, 40}) {
      assertTrue(new Architecture(code).overHttp(), () -> "code " + code);
    }
    for (int code : new int[] {0, 6, 7, 9, 10, 11, 21, 22, 25, 27, 29, 37, 39, 41}) {
      assertFalse(new Architecture(code).overHttp(), () -> "code " + code);
    }
  }
}
