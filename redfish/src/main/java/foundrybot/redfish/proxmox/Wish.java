// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.MachineSpec;
import foundrybot.redfish.MachineSpec.Disk;
import foundrybot.redfish.MachineSpec.Firmware;
import foundrybot.redfish.MachineSpec.Link;
import foundrybot.redfish.MachineSpec.Nic;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A machine that is wanted, in the words of the API. */
record Wish(MachineSpec spec) {
  private static final long MIB = 1L << 20;
  private static final int MIB_PER_GIB = 1024;

  /** Storages give whole blocks of theirs, 4 to 64 MiB. */
  private static final long ROUNDED_UP = 64 * MIB;

  /** What stands against it before anything is asked, if anything does. */
  Optional<String> impossible() {
    String name = spec.name();
    boolean dns =
        name.matches("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9-]*[A-Za-z0-9])*");
    return dns
        ? Optional.empty()
        : Optional.of("name " + name + " (expected: a host's name of letters, digits, '-', '.')");
  }

  boolean needsUsualStorage() {
    return spec.disks().stream().anyMatch(disk -> disk.pool().isEmpty())
        || (spec.disks().isEmpty() && (spec.tpm() || isUefi()));
  }

  private boolean isUefi() {
    return spec.firmware() != Firmware.BIOS;
  }

  /**
   * The parameters of the request that makes it.
   *
   * @param usual the storage of disks that name none; unused where all name one
   */
  Map<String, String> form(int vmid, String uuid, String usual) {
    Map<String, String> drives = drives(usual);
    Map<String, String> form = new LinkedHashMap<>();
    form.put("vmid", Integer.toString(vmid));
    form.put("name", spec.name());
    form.put("ostype", "l26");
    form.put("machine", "q35");
    form.put("cpu", "host");
    form.put("sockets", "1");
    form.put("cores", Integer.toString(spec.cores()));
    form.put("memory", Long.toString(spec.memoryMiB()));
    form.put("bios", isUefi() ? "ovmf" : "seabios");
    form.put("scsihw", "virtio-scsi-single");
    form.put("serial0", "socket");
    form.put("smbios1", "uuid=" + uuid);
    form.put("tags", Mark.TAG);
    form.put("description", new Mark(uuid, new TreeSet<>(drives.keySet())).notes());
    form.putAll(drives);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < spec.nics().size(); i++) {
      form.put("net" + i, card(spec.nics().get(i)));
      order.add("net" + i);
    }
    // The appliance sends an installed machine on to its disk.
    List<String> disks = drives.keySet().stream().filter(key -> key.startsWith("scsi")).toList();
    order.addAll(1, disks);
    form.put("boot", "order=" + String.join(";", order));
    return form;
  }

  private Map<String, String> drives(String usual) {
    Map<String, String> drives = new LinkedHashMap<>();
    for (int i = 0; i < spec.disks().size(); i++) {
      Disk disk = spec.disks().get(i);
      String format =
          disk.format().map(f -> ",format=" + f.name().toLowerCase(Locale.ROOT)).orElse("");
      drives.put(
          "scsi" + i, disk.pool().orElse(usual) + ":" + gibibytes(disk.mebibytes()) + format);
    }
    String state = spec.disks().isEmpty() ? usual : spec.disks().getFirst().pool().orElse(usual);
    if (isUefi()) {
      String keys = spec.firmware() == Firmware.UEFI_SECURE_BOOT ? "1" : "0";
      drives.put("efidisk0", state + ":1,efitype=4m,pre-enrolled-keys=" + keys);
    }
    if (spec.tpm()) {
      drives.put("tpmstate0", state + ":1,version=v2.0");
    }
    return drives;
  }

  /** The API takes fractions; those of 1024 are exact. */
  private static String gibibytes(long mebibytes) {
    return BigDecimal.valueOf(mebibytes)
        .divide(BigDecimal.valueOf(MIB_PER_GIB))
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String card(Nic nic) {
    return "virtio=" + nic.mac().text().toUpperCase(Locale.ROOT) + ",bridge=" + bridge(nic.link());
  }

  /** A network that the cluster keeps (SDN: a VNet) is a bridge on each node. */
  private static String bridge(Link link) {
    return switch (link) {
      case Link.Bridge(String name) -> name;
      case Link.Network(String name) -> name;
    };
  }

  /** In what a machine is not as wanted: each with what it has. */
  List<String> differences(GuestConfig seen) {
    List<String> differences = new ArrayList<>();
    compare(differences, "cores", seen.cores(), spec.cores());
    compare(differences, "memory in MiB", seen.memoryMiB(), spec.memoryMiB());
    compare(differences, "firmware", firmware(seen), spec.firmware());
    compare(differences, "TPM", seen.hasTpm(), spec.tpm());
    disks(differences, seen.devices(Device.Kind.DISK));
    List<Device> cards = seen.devices(Device.Kind.CARD);
    compare(
        differences,
        "cards",
        cards.stream().map(Wish::text).toList(),
        spec.nics().stream().map(nic -> text(nic.mac().text(), bridge(nic.link()))).toList());
    return differences;
  }

  private void disks(List<String> differences, List<Device> seen) {
    List<Disk> wanted = spec.disks();
    if (seen.size() != wanted.size()) {
      compare(differences, "disks", seen.size(), wanted.size());
      return;
    }
    for (int i = 0; i < wanted.size(); i++) {
      Device disk = seen.get(i);
      long least = wanted.get(i).mebibytes() * MIB;
      if (disk.bytes() < least || disk.bytes() > least + ROUNDED_UP) {
        compare(differences, disk.key() + " in MiB", disk.bytes() / MIB, wanted.get(i).mebibytes());
      }
      String volume = disk.text().volume();
      wanted
          .get(i)
          .pool()
          .filter(pool -> !volume.startsWith(pool + ":"))
          .ifPresent(pool -> compare(differences, disk.key(), volume, "in " + pool));
    }
  }

  private static Firmware firmware(GuestConfig seen) {
    if (!seen.get("bios").equals("ovmf")) {
      return Firmware.BIOS;
    }
    boolean keys = OptionText.read(seen.get("efidisk0")).get("pre-enrolled-keys").equals("1");
    return keys ? Firmware.UEFI_SECURE_BOOT : Firmware.UEFI;
  }

  private static String text(Device card) {
    return text(card.mac().map(HardwareAddress::text).orElse(""), card.text().get("bridge"));
  }

  private static String text(String mac, String bridge) {
    return mac + " on " + bridge;
  }

  private static void compare(List<String> all, String what, Object seen, Object wanted) {
    if (!seen.equals(wanted)) {
      all.add(what + ": " + seen + " (wanted: " + wanted + ")");
    }
  }
}
