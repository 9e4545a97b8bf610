// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Of the names that templates may use, those of the node's disks. */
final class DiskValues {
  private static final class Once {
    static final String SCRIPT = read("data-disks.sh");
    static final String TPM_BIND = read("tpm-bind.sh");
    static final String BOOT_MIRROR = read("boot-mirror.sh");
  }

  private DiskValues() {}

  static Map<String, Object> map(Node node) {
    DiskPlan plan = node.disks();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("autoDisk", node.disk().equals(Node.AUTO));
    map.put("disk", node.disk());
    map.put("diskProperties", properties(node.disk()));
    map.put("layout", plan.layout().word());
    map.put("isSingle", plan.layout() instanceof DiskLayout.Single);
    map.put("isRaid1", plan.layout() instanceof DiskLayout.Raid1);
    map.put("isLvm", plan.layout() instanceof DiskLayout.Lvm);
    map.put("isEncrypted", plan.layout() instanceof DiskLayout.Encrypted);
    map.put("isZfs", plan.layout() instanceof DiskLayout.Zfs);
    List<String> raid = plan.layout().devices();
    map.put("hasRaidDisks", !raid.isEmpty());
    map.put("raidDisks", raid);
    map.put("raidDisk1", raid.isEmpty() ? "" : raid.getFirst());
    map.put("raidDisk2", raid.isEmpty() ? "" : raid.getLast());
    map.put("raidNames", raid.stream().map(DiskValues::name).toList());
    map.put("hasDataDisks", !plan.data().isEmpty());
    map.put("dataDisks", plan.data().stream().map(DataDisk::choice).toList());
    map.put("dataDisksScript", Once.SCRIPT.stripTrailing());
    map.put("tpmBindScript", Once.TPM_BIND.stripTrailing());
    map.put("bootMirrorScript", Once.BOOT_MIRROR.stripTrailing());
    return map;
  }

  /**
   * By which of udev's properties a disk is found that the rack file names by its device or a link.
   *
   * <p>All links stand in one property, so that a rule for one of them finds longer ones as well:
   * the disk at {@code ...-ata-1} would be that at {@code ...-ata-10}. Those that are made of one
   * other property (systemd's {@code 60-persistent-storage.rules}) are found by that one. Behind
   * the serial number of an NVMe disk newer releases have the number of its namespace.
   */
  private static List<Map<String, Object>> properties(String disk) {
    String name = name(disk);
    String value = name.substring(name.indexOf('-') + 1);
    if (disk.startsWith("/dev/disk/by-path/")) {
      return List.of(
          property("ID_PATH", name),
          property("ID_PATH_ATA_COMPAT", name),
          property("ID_PATH_WITH_USB_REVISION", name));
    }
    if (disk.startsWith("/dev/disk/by-id/wwn-")) {
      return List.of(property("ID_WWN_WITH_EXTENSION", value));
    }
    if (disk.matches("/dev/disk/by-id/(ata|scsi|usb|virtio)-.*")) {
      return List.of(property("ID_SERIAL", value));
    }
    if (disk.startsWith("/dev/disk/by-id/nvme-")) {
      return List.of(property("ID_WWN", value), property("ID_SERIAL", value + "*"));
    }
    return disk.equals("/dev/" + name)
        ? List.of(property("DEVNAME", disk))
        : List.of(property("DEVLINKS", "*" + disk + "*"));
  }

  private static Map<String, Object> property(String name, String value) {
    return Map.of("name", name, "value", value);
  }

  private static String name(String device) {
    return device.substring(device.lastIndexOf('/') + 1);
  }

  private static String read(String name) {
    try (InputStream in = DiskValues.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is built in");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
