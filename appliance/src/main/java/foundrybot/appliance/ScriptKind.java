// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.ipxe.Platform;
import java.util.List;
import java.util.Optional;

/** The scripts of a machine: by its firmware, and by the instruction set that its kernel is for. */
enum ScriptKind {
  BIOS("bios.ipxe", Platform.Firmware.BIOS, ""),
  UEFI("uefi.ipxe", Platform.Firmware.UEFI, ""),
  UEFI_ARM64("uefi-arm64.ipxe", Platform.Firmware.UEFI, "arm64");

  private static final List<ScriptKind> ALL = List.of(values());

  private final String file;
  private final Platform.Firmware firmware;
  private final String architecture;

  ScriptKind(String file, Platform.Firmware firmware, String architecture) {
    this.file = file;
    this.firmware = firmware;
    this.architecture = architecture;
  }

  static ScriptKind of(Platform platform) {
    return switch (platform) {
      case BIOS_X86 -> BIOS;
      case UEFI_ARM64 -> UEFI_ARM64;
      default -> UEFI;
    };
  }

  static Optional<ScriptKind> called(String file) {
    for (ScriptKind kind : ALL) {
      if (kind.file.equals(file)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The last part of its path. */
  String file() {
    return file;
  }

  Platform.Firmware firmware() {
    return firmware;
  }

  /** Debian's name of the instruction set; empty for x86. */
  String architecture() {
    return architecture;
  }
}
