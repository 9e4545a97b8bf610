// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

/** What kind of machine a boot program or a script is for: instruction set and firmware. */
public enum Platform {
  BIOS_X86(Firmware.BIOS),
  UEFI_X86(Firmware.UEFI),
  UEFI_X64(Firmware.UEFI),
  UEFI_ARM32(Firmware.UEFI),
  UEFI_ARM64(Firmware.UEFI),
  UEFI_RISCV64(Firmware.UEFI),
  UEFI_LOONGARCH64(Firmware.UEFI);

  /** The two worlds a script has to tell apart. */
  public enum Firmware {
    BIOS,
    UEFI
  }

  private final Firmware firmware;

  Platform(Firmware firmware) {
    this.firmware = firmware;
  }

  /** The firmware that started iPXE, and that gets the machine back when iPXE ends. */
  public Firmware firmware() {
    return firmware;
  }
}
