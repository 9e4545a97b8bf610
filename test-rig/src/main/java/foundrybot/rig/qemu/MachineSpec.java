// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One machine of a rack, powered off.
 *
 * @param name the node's name in the rack file; lower-case letters, digits and hyphens
 * @param mac of its only network card, as {@code 52:54:00:aa:00:01}
 * @param memoryMib RAM
 * @param diskGib its only disk, virtio, blank at first
 */
public record MachineSpec(String name, String mac, Firmware firmware, int memoryMib, int diskGib) {
  private static final String OVMF = "/usr/share/OVMF/";
  static final Path OVMF_CODE = Path.of(OVMF + "OVMF_CODE_4M.fd");
  static final Path OVMF_VARS = Path.of(OVMF + "OVMF_VARS_4M.fd");

  public MachineSpec {
    require("name", name, "[a-z0-9][a-z0-9-]{0,62}", "lower-case letters, digits, hyphens");
    require("mac", mac, "[0-9a-f]{2}(:[0-9a-f]{2}){5}", "six lower-case bytes with colons");
  }

  /** With memory and disk that every profile of Debian installs on. */
  public static MachineSpec of(String name, String mac, Firmware firmware) {
    return new MachineSpec(name, mac, firmware, 1024, 4);
  }

  private static void require(String what, String value, String regex, String expected) {
    if (!value.matches(regex)) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** Its SMBIOS UUID: without one the firmware sends zeros in DHCP option 97. */
  String uuid() {
    return "00000000-0000-4000-8000-" + mac.replace(":", "");
  }

  /**
   * The command that powers it on.
   *
   * @param folder where its disk and its firmware's variables lie
   * @param tap of the switch
   * @param serial the file that takes what it says on its serial line
   */
  List<String> command(Path folder, String tap, Path serial) {
    boolean bios = firmware == Firmware.BIOS_IPXE_ROM;
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-name",
                name,
                "-accel",
                "tcg,thread=multi,tb-size=512",
                "-cpu",
                "max",
                "-smp",
                "2",
                "-m",
                Integer.toString(memoryMib),
                "-machine",
                // Without graphics SeaBIOS speaks on the serial line.
                bios ? "q35,graphics=off" : "q35",
                "-display",
                "none",
                "-monitor",
                "none",
                "-serial",
                "file:" + serial,
                "-uuid",
                uuid(),
                "-device",
                "virtio-rng-pci",
                "-netdev",
                "tap,id=n0,ifname=" + tap + ",script=no,downscript=no",
                "-device",
                "virtio-net-pci,netdev=n0,mac=" + mac + ",bootindex=1" + (bios ? "" : ",romfile="),
                "-drive",
                "file=" + disk(folder) + ",format=raw,if=none,id=d0,cache=unsafe,discard=unmap",
                "-device",
                "virtio-blk-pci,drive=d0,bootindex=2"));
    if (!bios) {
      command.addAll(
          List.of(
              "-drive",
              "if=pflash,format=raw,unit=0,readonly=on,file=" + OVMF_CODE,
              "-drive",
              "if=pflash,format=raw,unit=1,file=" + variables(folder)));
    }
    return command;
  }

  Path disk(Path folder) {
    return folder.resolve(name + ".disk.raw");
  }

  Path variables(Path folder) {
    return folder.resolve(name + ".vars.fd");
  }
}
