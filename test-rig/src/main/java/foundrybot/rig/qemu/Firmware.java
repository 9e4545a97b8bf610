// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

/** What a machine starts with. */
public enum Firmware {
  /** SeaBIOS, and the iPXE in the option ROM of QEMU's virtio network card. */
  BIOS_IPXE_ROM,
  /** The same, in the ROM of an Intel card. */
  BIOS_IPXE_ROM_E1000,
  /** OVMF with its own UEFI PXE client; the card has no option ROM. */
  UEFI_PXE,
  /** OVMF with UEFI HTTP Boot; its PXE client is switched off. */
  UEFI_HTTP,
  /** OVMF as {@link #UEFI_PXE}, with Secure Boot and Microsoft's keys. */
  SECURE_BOOT_PXE,
  /** The same as {@link #UEFI_HTTP}. */
  SECURE_BOOT_HTTP,
  /** AAVMF, the same firmware for 64-bit ARM. */
  ARM64_PXE;

  boolean isBios() {
    return this == BIOS_IPXE_ROM || this == BIOS_IPXE_ROM_E1000;
  }

  boolean isArm() {
    return this == ARM64_PXE;
  }

  boolean hasSecureBoot() {
    return this == SECURE_BOOT_PXE || this == SECURE_BOOT_HTTP;
  }

  boolean bootsByHttp() {
    return this == UEFI_HTTP || this == SECURE_BOOT_HTTP;
  }
}
