// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One machine of a rack, powered off.
 *
 * @param name the node's name in the rack file; lower-case letters, digits and hyphens
 * @param mac of its only network card, as {@code 52:54:00:aa:00:01}
 * @param memoryMib RAM
 * @param diskGib each of its disks, virtio, blank at first
 * @param authorities a file with the CAs that its UEFI firmware trusts for HTTPS ({@link
 *     Authorities}), which is to be there when it is powered on; empty for none
 * @param disks how many it has; it starts from the first
 */
public record MachineSpec(
    String name,
    String mac,
    Firmware firmware,
    int memoryMib,
    int diskGib,
    Optional<Path> authorities,
    int disks) {
  private static final String OVMF = "/usr/share/OVMF/";
  static final Path OVMF_CODE = Path.of(OVMF + "OVMF_CODE_4M.fd");
  static final Path OVMF_VARS = Path.of(OVMF + "OVMF_VARS_4M.fd");
  static final Path SECURE_CODE = Path.of(OVMF + "OVMF_CODE_4M.ms.fd");
  static final Path SECURE_VARS = Path.of(OVMF + "OVMF_VARS_4M.ms.fd");
  static final Path ARM_CODE = Path.of("/usr/share/AAVMF/AAVMF_CODE.fd");
  static final Path ARM_VARS = Path.of("/usr/share/AAVMF/AAVMF_VARS.fd");

  public MachineSpec {
    require("name", name, "[a-z0-9][a-z0-9-]{0,62}", "lower-case letters, digits, hyphens");
    require("mac", mac, "[0-9a-f]{2}(:[0-9a-f]{2}){5}", "six lower-case bytes with colons");
  }

  /** With one disk. */
  public MachineSpec(
      String name,
      String mac,
      Firmware firmware,
      int memoryMib,
      int diskGib,
      Optional<Path> authorities) {
    this(name, mac, firmware, memoryMib, diskGib, authorities, 1);
  }

  /** With memory and disk that every profile of Debian installs on. */
  public static MachineSpec of(String name, String mac, Firmware firmware) {
    return new MachineSpec(name, mac, firmware, 1024, 4, Optional.empty());
  }

  /** The same machine, whose firmware trusts these CAs. */
  public MachineSpec trusting(Path file) {
    return new MachineSpec(name, mac, firmware, memoryMib, diskGib, Optional.of(file), disks);
  }

  /** The same machine with so many disks. */
  MachineSpec withDisks(int count) {
    return new MachineSpec(name, mac, firmware, memoryMib, diskGib, authorities, count);
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
  List<String> command(Path folder, String tap, Path serial, BootOrder order) {
    List<String> command =
        new ArrayList<>(
            List.of(
                firmware.isArm() ? "qemu-system-aarch64" : "qemu-system-x86_64",
                "-name",
                name,
                "-accel",
                "tcg,thread=multi,tb-size=512",
                "-cpu",
                // The richest ARM processor signs its pointers, which costs an emulator dear.
                firmware.isArm() ? "cortex-a72" : "max",
                "-smp",
                "2",
                "-m",
                Integer.toString(memoryMib),
                "-machine",
                board(),
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
                card() + order.index(BootOrder.First.NETWORK)));
    List<Path> files = disks(folder);
    for (int i = 0; i < files.size(); i++) {
      String id = "d" + i;
      command.addAll(
          List.of(
              "-drive",
              "file=" + files.get(i) + ",format=raw,if=none,cache=unsafe,discard=unmap,id=" + id,
              "-device",
              "virtio-blk-pci,drive=" + id + (i == 0 ? order.index(BootOrder.First.DISK) : "")));
    }
    if (firmware.isBios()) {
      // Else an empty disk leads to the network. UEFI keeps to the order by itself.
      command.addAll(List.of("-boot", "strict=on"));
    }
    order.cd().ifPresent(image -> command.addAll(drive(image, order)));
    if (!firmware.isBios()) {
      command.addAll(
          List.of(
              "-drive",
              "if=pflash,format=raw,unit=0,readonly=on,file=" + code(),
              "-drive",
              "if=pflash,format=raw,unit=1,file=" + variables(folder)));
    }
    // OVMF makes its variable TlsCaCertificate of it, as a setup menu would.
    authorities.ifPresent(
        file -> command.addAll(List.of("-fw_cfg", "name=etc/edk2/https/cacerts,file=" + file)));
    if (firmware.hasSecureBoot()) {
      command.addAll(List.of("-global", "driver=cfi.pflash01,property=secure,value=on"));
    }
    if (firmware.bootsByHttp() || order.first() == BootOrder.First.HTTP) {
      // Else the firmware sits through its PXE attempts first.
      for (String client : List.of("IPv4PXESupport", "IPv6PXESupport")) {
        command.addAll(List.of("-fw_cfg", "name=opt/org.tianocore/" + client + ",string=n"));
      }
    }
    return command;
  }

  private String board() {
    if (firmware.isArm()) {
      return "virt";
    }
    if (firmware.hasSecureBoot()) {
      return "q35,smm=on";
    }
    // Without graphics SeaBIOS speaks on the serial line.
    return firmware.isBios() ? "q35,graphics=off" : "q35";
  }

  private String card() {
    String model = firmware == Firmware.BIOS_IPXE_ROM_E1000 ? "e1000" : "virtio-net-pci";
    return model + ",netdev=n0,mac=" + mac + (firmware.isBios() ? "" : ",romfile=");
  }

  private List<String> drive(URI image, BootOrder order) {
    return List.of(
        "-drive",
        // A comma in a value of QEMU's is written twice.
        "if=none,id=cd0,media=cdrom,readonly=on,format=raw,file="
            + image.toString().replace(",", ",,"),
        "-device",
        firmware.isArm() ? "virtio-scsi-pci,id=scsi0" : "ich9-ahci,id=ahci1",
        "-device",
        (firmware.isArm() ? "scsi-cd,bus=scsi0.0,drive=cd0" : "ide-cd,bus=ahci1.0,drive=cd0")
            + order.index(BootOrder.First.CD));
  }

  private Path code() {
    if (firmware.isArm()) {
      return ARM_CODE;
    }
    return firmware.hasSecureBoot() ? SECURE_CODE : OVMF_CODE;
  }

  /** The variables its firmware starts with; a BIOS has none. */
  Optional<Path> freshVariables() {
    if (firmware.isBios()) {
      return Optional.empty();
    }
    if (firmware.isArm()) {
      return Optional.of(ARM_VARS);
    }
    return Optional.of(firmware.hasSecureBoot() ? SECURE_VARS : OVMF_VARS);
  }

  Path disk(Path folder) {
    return folder.resolve(name + ".disk.raw");
  }

  /** All its disks, this one first. */
  List<Path> disks(Path folder) {
    List<Path> files = new ArrayList<>(List.of(disk(folder)));
    for (int i = 1; i < disks; i++) {
      files.add(folder.resolve(name + ".disk-" + i + ".raw"));
    }
    return files;
  }

  Path variables(Path folder) {
    return folder.resolve(name + ".vars.fd");
  }
}
