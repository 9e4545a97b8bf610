// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.BootDevice;
import foundrybot.redfish.BootSetting.FirmwareMode;
import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.MediaSlot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A machine's configuration, as the API prints it: options by name.
 *
 * @param values texts, also of numbers
 */
record GuestConfig(Map<String, String> values) {
  GuestConfig {
    values = Map.copyOf(values);
  }

  String get(String key) {
    return values.getOrDefault(key, "");
  }

  /** A container has a host's name instead. */
  String name() {
    return get("name").isEmpty() ? get("hostname") : get("name");
  }

  /** Cards and drives, in the order in which the machine finds them. */
  List<Device> devices() {
    return values.entrySet().stream()
        .flatMap(entry -> Device.of(entry.getKey(), entry.getValue()).stream())
        .sorted(Device.ORDER)
        .toList();
  }

  List<Device> devices(Device.Kind kind) {
    return devices().stream().filter(device -> device.kind() == kind).toList();
  }

  List<HardwareAddress> macs() {
    return devices(Device.Kind.CARD).stream().flatMap(card -> card.mac().stream()).toList();
  }

  FirmwareMode firmware() {
    return get("bios").equals("ovmf") ? FirmwareMode.UEFI : FirmwareMode.LEGACY;
  }

  /** All sockets' together. */
  int cores() {
    long cores = (long) number("cores", 1) * number("sockets", 1);
    return (int) Math.min(cores, Integer.MAX_VALUE);
  }

  /** 512 is what a machine has where nothing is said. */
  long memoryMiB() {
    OptionText memory = OptionText.read(get("memory"));
    String text = memory.first().isEmpty() ? memory.get("current") : memory.first();
    return text.matches("\\d{1,12}") ? Long.parseLong(text) : 512;
  }

  private int number(String key, int otherwise) {
    return get(key).matches("\\d{1,6}") ? Integer.parseInt(get(key)) : otherwise;
  }

  /** SMBIOS's, lower case; may be empty. */
  String uuid() {
    return smbios("uuid").toLowerCase(Locale.ROOT);
  }

  private String smbios(String name) {
    OptionText smbios = OptionText.read(get("smbios1"));
    String text = smbios.get(name);
    if (name.equals("uuid") || !smbios.get("base64").equals("1")) {
      return text;
    }
    try {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Which device comes first; the usual one where nothing says so. */
  BootDevice boots() {
    OptionText boot = OptionText.read(get("boot"));
    if (boot.options().containsKey("order")) {
      String first = boot.get("order").split(";", -1)[0].strip();
      return devices().stream()
          .filter(device -> device.key().equals(first))
          .map(device -> device.kind().boots())
          .findFirst()
          .orElse(BootDevice.USUAL);
    }
    // Machines made before version 6.3: letters, one for each kind.
    String letters = boot.first().isEmpty() ? boot.get("legacy") : boot.first();
    return switch (letters.isEmpty() ? ' ' : letters.charAt(0)) {
      case 'n' -> BootDevice.PXE;
      case 'c' -> BootDevice.DISK;
      case 'd' -> BootDevice.CD;
      default -> BootDevice.USUAL;
    };
  }

  boolean has(BootDevice device) {
    return devices().stream().anyMatch(candidate -> candidate.kind().boots() == device);
  }

  /**
   * All devices, those of one kind first, then disks, cards and CDs.
   *
   * @param card goes before the other cards
   * @return as the option {@code boot} has it
   */
  String order(BootDevice wanted, Optional<HardwareAddress> card) {
    List<Device> devices = new ArrayList<>(devices());
    devices.removeIf(device -> device.kind().boots() == BootDevice.USUAL);
    devices.sort(
        Comparator.<Device>comparingInt(device -> device.kind().boots() == wanted ? 0 : 1)
            .thenComparingInt(device -> device.kind() == Device.Kind.DISK ? 0 : 1)
            .thenComparingInt(device -> device.kind() == Device.Kind.CD ? 1 : 0)
            .thenComparingInt(device -> card.isPresent() && card.equals(device.mac()) ? 0 : 1)
            .thenComparing(Device.ORDER));
    return "order=" + String.join(";", devices.stream().map(Device::key).toList());
  }

  List<MediaSlot> slots() {
    return devices(Device.Kind.CD).stream()
        .map(
            cd ->
                new MediaSlot(
                    cd.key(),
                    List.of("CD", "DVD"),
                    cd.isFilled(),
                    cd.isFilled() ? cd.text().volume() : ""))
        .toList();
  }

  boolean hasTpm() {
    return values.containsKey("tpmstate0");
  }

  Inventory inventory() {
    String tpm = OptionText.read(get("tpmstate0")).get("version").replace("v", "");
    String cpu = OptionText.read(get("cpu")).first();
    return new Inventory(
        uuid(),
        smbios("serial"),
        "Proxmox VE",
        get("machine").isEmpty() ? "pc" : OptionText.read(get("machine")).first(),
        firmware() == FirmwareMode.UEFI ? "UEFI" : "BIOS",
        "",
        List.of(new Inventory.Cpu("", cpu.isEmpty() ? "virtual" : cpu, cores(), cores())),
        memoryMiB(),
        devices(Device.Kind.CARD).stream()
            .flatMap(
                card ->
                    card.mac().stream()
                        .map(
                            mac ->
                                new Inventory.Nic(
                                    card.key() + " " + card.model(),
                                    mac,
                                    card.text().get("link_down").equals("1") ? "down" : "up",
                                    "")))
            .toList(),
        devices(Device.Kind.DISK).stream()
            .map(
                disk ->
                    new Inventory.Drive(
                        disk.key(),
                        "",
                        disk.text().get("serial"),
                        disk.bytes(),
                        disk.text().volume()))
            .toList(),
        hasTpm() ? "TPM " + (tpm.isEmpty() ? "1.2" : tpm) : "");
  }
}
