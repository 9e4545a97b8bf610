// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.MachineSettings;
import foundrybot.answerfiles.Node;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.MachineSpec;
import java.util.Locale;
import java.util.Optional;

/** What the rack file wants a node's virtual machine to be, as a hypervisor is told. */
public final class Machines {
  private Machines() {}

  /**
   * The machine of a node; nothing for one without {@code machine} in the rack file.
   *
   * @throws PowerException where its BMC's {@code system} can be no new machine's name
   */
  public static Optional<MachineSpec> spec(Node node) {
    return node.machine().map(machine -> spec(node, machine));
  }

  /** Its name on the hypervisor: the one by which its BMC finds it. */
  public static String name(Node node) {
    return node.bmc().flatMap(BmcSettings::system).orElse(node.name());
  }

  /** The card that it must have. */
  public static HardwareAddress card(Node node) {
    return new HardwareAddress(node.mac().toString());
  }

  private static MachineSpec spec(Node node, MachineSettings machine) {
    try {
      return new MachineSpec(
          name(node),
          machine.cores(),
          machine.memoryMiB(),
          machine.disks().stream().map(Machines::disk).toList(),
          machine.nics().stream().map(Machines::nic).toList(),
          firmware(machine.firmware()),
          machine.tpm());
    } catch (IllegalArgumentException e) {
      throw new PowerException(
          node.name()
              + ": machine: "
              + e.getMessage()
              + "; it is named after bmc.system: leave that out, or write a name there");
    }
  }

  private static MachineSpec.Disk disk(MachineSettings.Disk disk) {
    Optional<MachineSpec.Format> format =
        disk.format()
            .map(
                word ->
                    switch (word) {
                      case QCOW2 -> MachineSpec.Format.QCOW2;
                      case RAW -> MachineSpec.Format.RAW;
                    });
    return new MachineSpec.Disk(disk.mebibytes(), disk.pool(), format);
  }

  private static MachineSpec.Nic nic(MachineSettings.Nic nic) {
    MachineSpec.Link link =
        switch (nic.link()) {
          case MachineSettings.Link.Bridge(String name) -> new MachineSpec.Link.Bridge(name);
          case MachineSettings.Link.Network(String name) -> new MachineSpec.Link.Network(name);
        };
    return new MachineSpec.Nic(new HardwareAddress(nic.mac().toString()), link);
  }

  private static MachineSpec.Firmware firmware(MachineSettings.Firmware firmware) {
    return switch (firmware) {
      case BIOS -> MachineSpec.Firmware.BIOS;
      case UEFI -> MachineSpec.Firmware.UEFI;
      case SECURE_BOOT -> MachineSpec.Firmware.UEFI_SECURE_BOOT;
    };
  }

  /** For people, on one line: {@code 2 cores, 4096 MiB, disks 20480 MiB, uefi, bridge br0}. */
  public static String text(MachineSpec spec) {
    StringBuilder text = new StringBuilder();
    text.append(spec.cores()).append(spec.cores() == 1 ? " core, " : " cores, ");
    text.append(spec.memoryMiB()).append(" MiB");
    for (MachineSpec.Disk disk : spec.disks()) {
      text.append(", disk of ").append(disk.mebibytes()).append(" MiB");
      disk.format().ifPresent(format -> text.append(' ').append(word(format)));
      disk.pool().ifPresent(pool -> text.append(" in ").append(pool));
    }
    for (MachineSpec.Nic nic : spec.nics()) {
      text.append(", ").append(nic.mac()).append(" on ");
      text.append(
          switch (nic.link()) {
            case MachineSpec.Link.Bridge(String name) -> "bridge " + name;
            case MachineSpec.Link.Network(String name) -> "network " + name;
          });
    }
    text.append(", ").append(word(spec.firmware()).replace('_', ' '));
    return text.append(spec.tpm() ? ", TPM 2.0" : "").toString();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
