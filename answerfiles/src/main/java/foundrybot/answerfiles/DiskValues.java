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
