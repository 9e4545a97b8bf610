// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

/** What a machine starts with. */
public enum Firmware {
  /** SeaBIOS, and the iPXE in the option ROM of QEMU's network card. */
  BIOS_IPXE_ROM,
  /** OVMF with its own UEFI PXE client; the card has no option ROM. */
  UEFI_PXE
}
