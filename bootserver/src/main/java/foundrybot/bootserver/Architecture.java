// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.Map;

/**
 * A processor architecture type of option 93 (RFC 4578 section 2.1 and the IANA registry "Processor
 * Architecture Types").
 *
 * @param code 0..65535
 */
public record Architecture(int code) {
  public static final Architecture BIOS_X86 = new Architecture(0);
  public static final Architecture UEFI_X86 = new Architecture(6);
  public static final Architecture UEFI_X64 = new Architecture(7);
  public static final Architecture UEFI_BC = new Architecture(9);
  public static final Architecture UEFI_ARM64 = new Architecture(11);
  public static final Architecture UEFI_X86_HTTP = new Architecture(15);
  public static final Architecture UEFI_X64_HTTP = new Architecture(16);
  public static final Architecture UEFI_ARM64_HTTP = new Architecture(19);
  public static final Architecture BIOS_X86_HTTP = new Architecture(20);

  /** What kind of boot program runs there. */
  public enum Firmware {
    BIOS_X86,
    UEFI_X86,
    UEFI_X64,
    UEFI_ARM64,
    /** Registered, or not, but none that a boot program exists for here. */
    OTHER
  }

  private static final Map<Integer, Firmware> FIRMWARE =
      Map.of(
          0, Firmware.BIOS_X86,
          20, Firmware.BIOS_X86,
          6, Firmware.UEFI_X86,
          15, Firmware.UEFI_X86,
          7, Firmware.UEFI_X64,
          9, Firmware.UEFI_X64,
          16, Firmware.UEFI_X64,
          11, Firmware.UEFI_ARM64,
          19, Firmware.UEFI_ARM64);

  public Architecture {
    if (code < 0 || code > 0xffff) {
      throw new IllegalArgumentException("architecture: " + code + " (expected: 0..65535)");
    }
  }

  public Firmware firmware() {
    return FIRMWARE.getOrDefault(code, Firmware.OTHER);
  }

  @Override
  public String toString() {
    return code + " (" + firmware() + ")";
  }
}
