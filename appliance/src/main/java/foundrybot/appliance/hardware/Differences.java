// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import foundrybot.answerfiles.DataDisk;
import foundrybot.answerfiles.DiskLayout;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.hardware.Inventory.Disk;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a machine is not what the rack file, or its BMC, says of it. */
public final class Differences {
  /** Below that no profile's system has room. */
  private static final long LEAST_DISK = 2L << 30;

  private static final String DEV = "/dev/";

  private final Node node;
  private final Inventory found;
  private final List<String> lines = new ArrayList<>();

  private Differences(Node node, Inventory found) {
    this.node = node;
    this.found = found;
  }

  /**
   * One line for each, with what there is and what was expected; empty: none was found.
   *
   * @param isOther whether the machine's BMC, or its firmware in DHCP, told another UUID
   */
  public static List<String> of(Node node, Inventory found, Predicate<UUID> isOther) {
    Differences differences = new Differences(node, found);
    differences.cards();
    differences.uuid(isOther);
    differences.disks();
    differences.machine();
    return List.copyOf(differences.lines);
  }

  private void cards() {
    String mac = node.mac().toString();
    if (found.nics().stream().noneMatch(nic -> nic.mac().equals(mac))) {
      lines.add("mac: " + mac + " is none of its cards (there are: " + macs() + ")");
    }
  }

  private String macs() {
    return found.nics().isEmpty()
        ? "none"
        : found.nics().stream().map(Inventory.Nic::mac).collect(Collectors.joining(", "));
  }

  private void uuid(Predicate<UUID> isOther) {
    if (!found.uuid().isEmpty() && isOther.test(UUID.fromString(found.uuid()))) {
      lines.add(
          "uuid: the machine says "
              + found.uuid().toLowerCase(Locale.ROOT)
              + ", and its BMC or its firmware in DHCP another one");
    }
  }

  private void disks() {
    Stream<String> ofSystem =
        node.disks().layout() instanceof DiskLayout.Raid1 raid && !raid.disks().isEmpty()
            ? raid.disks().stream()
            : Stream.of(node.disk());
    ofSystem.forEach(this::systemDisk);
    for (DataDisk data : node.disks().data()) {
      switch (data) {
        case DataDisk.Device(String path) -> named(path);
        case DataDisk.LargerThan(long bytes) -> some("larger", bytes, d -> d.bytes() > bytes);
        case DataDisk.SmallerThan(long bytes) -> some("smaller", bytes, d -> d.bytes() < bytes);
        case DataDisk.Others _ -> {}
      }
    }
  }

  private void some(String how, long bytes, Predicate<Disk> fits) {
    if (fixed().noneMatch(fits)) {
      lines.add("data disks: none is " + how + " than " + bytes + " bytes (there are: " + all());
    }
  }

  private void systemDisk(String path) {
    if (path.equals(Node.AUTO)) {
      if (fixed().noneMatch(disk -> disk.bytes() >= LEAST_DISK)) {
        lines.add(
            "disk: auto finds none (expected: a fixed one that can be written, of "
                + Inventory.size(LEAST_DISK)
                + " or more; there are: "
                + all());
      }
      return;
    }
    named(path)
        .filter(disk -> disk.bytes() < LEAST_DISK)
        .ifPresent(
            disk ->
                lines.add(
                    "disk: "
                        + path
                        + " has "
                        + Inventory.size(disk.bytes())
                        + " (expected: "
                        + Inventory.size(LEAST_DISK)
                        + " or more)"));
  }

  /** Links of udev have the serial number in their names, if anything that was reported. */
  private Optional<Disk> named(String path) {
    String name = path.startsWith(DEV) ? path.substring(DEV.length()) : path;
    boolean link = name.contains("/");
    Optional<Disk> disk =
        found.disks().stream()
            .filter(
                d ->
                    link
                        ? !d.serial().isEmpty() && name.contains(d.serial().replace(' ', '_'))
                        : d.name().equals(name))
            .findFirst();
    // Other links, such as by-path, say nothing that an inventory could be compared with.
    if (disk.isEmpty() && (!link || name.startsWith("disk/by-id/"))) {
      lines.add("disk: " + path + " is missing (there are: " + all());
    }
    return disk;
  }

  private Stream<Disk> fixed() {
    return found.disks().stream().filter(disk -> !disk.removable() && !disk.readOnly());
  }

  private String all() {
    return (found.disks().isEmpty()
            ? "none"
            : found.disks().stream()
                .map(disk -> disk.name() + " " + Inventory.size(disk.bytes()))
                .collect(Collectors.joining(", ")))
        + ")";
  }

  /** What a virtual machine was to be made of. */
  private void machine() {
    node.machine()
        .ifPresent(
            wanted -> {
              if (wanted.cores() != found.cpus()) {
                lines.add("cores: " + found.cpus() + " (expected: " + wanted.cores() + ")");
              }
              if (wanted.disks().size() > found.disks().size()) {
                lines.add(
                    "disks: "
                        + found.disks().size()
                        + " (expected: "
                        + wanted.disks().size()
                        + ")");
              }
            });
  }
}
