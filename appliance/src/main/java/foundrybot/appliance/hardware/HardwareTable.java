// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a machine has reported, as tables for people: the same on a terminal, a page and a report.
 *
 * @param head what each column has, as people write it
 * @param rows each as long as the head; what the machine did not tell is empty
 */
public record HardwareTable(String title, List<String> head, List<List<String>> rows) {
  public HardwareTable {
    head = List.copyOf(head);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /** What the machine as a whole is, in one row. */
  public static HardwareTable machine(Inventory found) {
    return new HardwareTable(
        "Machine",
        List.of("Machine", "Serial", "UUID", "Firmware", "Processors", "Memory"),
        List.of(
            List.of(
                words(found.vendor(), found.product()),
                found.serial(),
                found.uuid(),
                found.firmware(),
                words(String.valueOf(found.cpus()), found.cpuModel()),
                Inventory.size(found.memoryBytes()))));
  }

  private static String words(String... words) {
    return Stream.of(words).filter(word -> !word.isBlank()).collect(Collectors.joining(" "));
  }

  /** Its disks. */
  public static HardwareTable disks(Inventory found) {
    return new HardwareTable(
        "Disks",
        List.of("Name", "Size", "Model", "Serial", "Kind"),
        found.disks().stream()
            .map(
                disk ->
                    List.of(
                        disk.name(),
                        Inventory.size(disk.bytes()),
                        disk.model(),
                        disk.serial(),
                        kind(disk)))
            .toList());
  }

  private static String kind(Inventory.Disk disk) {
    return (disk.rotational() ? "rotating" : "solid")
        + (disk.removable() ? ", removable" : "")
        + (disk.readOnly() ? ", read-only" : "");
  }

  /** Its network cards. */
  public static HardwareTable cards(Inventory found) {
    return new HardwareTable(
        "Network cards",
        List.of("Name", "MAC", "Driver", "Link"),
        found.nics().stream()
            .map(
                nic ->
                    List.of(nic.name(), nic.mac(), nic.driver(), nic.link() ? "link" : "no link"))
            .toList());
  }

  /** What was overwritten and read back. */
  public static HardwareTable of(Erasure report) {
    return new HardwareTable(
        "Disks",
        List.of("Name", "Serial", "Size", "Method", "Bytes read", "Non-zero", "Took", "Fault"),
        report.disks().stream()
            .map(
                disk ->
                    List.of(
                        disk.name(),
                        disk.serial(),
                        Inventory.size(disk.bytes()),
                        disk.method(),
                        String.valueOf(disk.readBytes()),
                        String.valueOf(disk.nonZero()),
                        disk.seconds() + " s",
                        disk.fault()))
            .toList());
  }

  /** The head as a terminal shows it. */
  public List<String> capitals() {
    return head.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
  }
}
