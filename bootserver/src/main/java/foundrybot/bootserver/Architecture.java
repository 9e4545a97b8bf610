// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

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
    UEFI_ARM32,
    UEFI_ARM64,
    UEFI_RISCV32,
    UEFI_RISCV64,
    UEFI_RISCV128,
    UEFI_LOONGARCH32,
    UEFI_LOONGARCH64,
    /** U-Boot: reads the header of an answer and no options. */
    U_BOOT_ARM32,
    U_BOOT_ARM64,
    RASPBERRY_PI,
    /** Registered without a kind of program known here, or not registered at all. */
    OTHER;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** In small letters and with hyphens. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** Registered types in the order of their codes, from 0. */
  private static final List<Entry> REGISTRY =
      List.of(
          new Entry(Firmware.BIOS_X86, "x86 BIOS"),
          new Entry(Firmware.OTHER, "NEC/PC98"),
          new Entry(Firmware.OTHER, "Itanium"),
          new Entry(Firmware.OTHER, "DEC Alpha"),
          new Entry(Firmware.OTHER, "Arc x86"),
          new Entry(Firmware.OTHER, "Intel Lean Client"),
          new Entry(Firmware.UEFI_X86, "x86 UEFI"),
          new Entry(Firmware.UEFI_X64, "x64 UEFI"),
          new Entry(Firmware.OTHER, "EFI Xscale"),
          // EBC in the registry; the code that early x86-64 firmware sends.
          new Entry(Firmware.UEFI_X64, "EBC"),
          new Entry(Firmware.UEFI_ARM32, "ARM 32-bit UEFI"),
          new Entry(Firmware.UEFI_ARM64, "ARM 64-bit UEFI"),
          new Entry(Firmware.OTHER, "PowerPC Open Firmware"),
          new Entry(Firmware.OTHER, "PowerPC ePAPR"),
          new Entry(Firmware.OTHER, "POWER OPAL v3"),
          new Entry(Firmware.UEFI_X86, "x86 UEFI, HTTP"),
          new Entry(Firmware.UEFI_X64, "x64 UEFI, HTTP"),
          new Entry(Firmware.UEFI_X64, "EBC, HTTP"),
          new Entry(Firmware.UEFI_ARM32, "ARM 32-bit UEFI, HTTP"),
          new Entry(Firmware.UEFI_ARM64, "ARM 64-bit UEFI, HTTP"),
          new Entry(Firmware.BIOS_X86, "x86 BIOS, HTTP"),
          new Entry(Firmware.U_BOOT_ARM32, "ARM 32-bit U-Boot"),
          new Entry(Firmware.U_BOOT_ARM64, "ARM 64-bit U-Boot"),
          new Entry(Firmware.U_BOOT_ARM32, "ARM 32-bit U-Boot, HTTP"),
          new Entry(Firmware.U_BOOT_ARM64, "ARM 64-bit U-Boot, HTTP"),
          new Entry(Firmware.UEFI_RISCV32, "RISC-V 32-bit UEFI"),
          new Entry(Firmware.UEFI_RISCV32, "RISC-V 32-bit UEFI, HTTP"),
          new Entry(Firmware.UEFI_RISCV64, "RISC-V 64-bit UEFI"),
          new Entry(Firmware.UEFI_RISCV64, "RISC-V 64-bit UEFI, HTTP"),
          new Entry(Firmware.UEFI_RISCV128, "RISC-V 128-bit UEFI"),
          new Entry(Firmware.UEFI_RISCV128, "RISC-V 128-bit UEFI, HTTP"),
          new Entry(Firmware.OTHER, "s390 Basic"),
          new Entry(Firmware.OTHER, "s390 Extended"),
          new Entry(Firmware.OTHER, "MIPS 32-bit UEFI"),
          new Entry(Firmware.OTHER, "MIPS 64-bit UEFI"),
          new Entry(Firmware.OTHER, "Sunway 32-bit UEFI"),
          new Entry(Firmware.OTHER, "Sunway 64-bit UEFI"),
          new Entry(Firmware.UEFI_LOONGARCH32, "LoongArch 32-bit UEFI"),
          new Entry(Firmware.UEFI_LOONGARCH32, "LoongArch 32-bit UEFI, HTTP"),
          new Entry(Firmware.UEFI_LOONGARCH64, "LoongArch 64-bit UEFI"),
          new Entry(Firmware.UEFI_LOONGARCH64, "LoongArch 64-bit UEFI, HTTP"),
          new Entry(Firmware.RASPBERRY_PI, "ARM Raspberry Pi"));

  private record Entry(Firmware firmware, String name) {}

  /** Made once: it stands in the reason of each decision. */
  private static final List<String> TEXTS =
      IntStream.range(0, REGISTRY.size())
          .mapToObj(code -> text(code, REGISTRY.get(code).firmware()))
          .toList();

  private static String text(int code, Firmware firmware) {
    return code + " (" + firmware + ")";
  }

  public Architecture {
    if (code < 0 || code > 0xffff) {
      throw new IllegalArgumentException("architecture: " + code + " (expected: 0..65535)");
    }
  }

  /** Codes are registered from 0 up to this one. */
  public static int lastRegistered() {
    return REGISTRY.size() - 1;
  }

  public Firmware firmware() {
    return code < REGISTRY.size() ? REGISTRY.get(code).firmware() : Firmware.OTHER;
  }

  /** The registry's name, much shortened. */
  public String name() {
    return code < REGISTRY.size() ? REGISTRY.get(code).name() : "not registered";
  }

  /** Whether machines of this type fetch their boot program by HTTP. */
  public boolean overHttp() {
    return name().endsWith(", HTTP");
  }

  @Override
  public String toString() {
    return code < TEXTS.size() ? TEXTS.get(code) : text(code, Firmware.OTHER);
  }
}
