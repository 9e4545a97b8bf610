// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which of a kernel's modules the deploy environment carries: every driver that may stand between a
 * machine and its network or its disk, the file systems it writes, and whatever those need
 * themselves (modules.dep and modules.softdep, depmod(8)).
 */
final class KernelModules {
  /** Folders taken whole, below {@code kernel/}. */
  private static final List<String> FOLDERS =
      List.of(
          "drivers/ata/",
          "drivers/char/hw_random/",
          "drivers/hv/",
          "drivers/message/fusion/",
          "drivers/mmc/",
          "drivers/net/ethernet/",
          "drivers/net/hyperv/",
          "drivers/net/mdio/",
          "drivers/net/phy/",
          "drivers/net/usb/",
          "drivers/net/vmxnet3/",
          "drivers/nvme/host/",
          "drivers/scsi/",
          "drivers/usb/host/",
          "drivers/usb/storage/",
          "drivers/virtio/",
          "fs/ext4/",
          "fs/fat/");

  /** Single modules, by name. */
  private static final Set<String> NAMES =
      Set.of(
          "af_packet",
          "crc32c_generic",
          "crc32c-intel",
          "efivarfs",
          "hid-generic",
          "net_failover",
          "nls_ascii",
          "nls_cp437",
          "nls_iso8859-1",
          "nls_utf8",
          "usbhid",
          "virtio_blk",
          "virtio_net",
          "vmd",
          "xen-blkfront",
          "xen-netfront");

  private static final String FIRMWARE_KEY = "firmware=";

  private final Map<String, List<String>> needs = new TreeMap<>();
  private final Map<String, String> pathOf = new TreeMap<>();
  private final Map<String, Set<String>> soft = new TreeMap<>();

  /**
   * @param modulesDep text of modules.dep: {@code kernel/a.ko: kernel/b.ko ...}
   * @param modulesSoftdep text of modules.softdep: {@code softdep a pre: b c post: d}
   */
  KernelModules(String modulesDep, String modulesSoftdep) {
    for (String line : modulesDep.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String path = line.substring(0, colon);
        String rest = line.substring(colon + 1).strip();
        needs.put(path, rest.isEmpty() ? List.of() : List.of(rest.split("\\s+", -1)));
        pathOf.put(nameOf(path), path);
      }
    }
    for (String line : modulesSoftdep.lines().toList()) {
      List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
      if (words.size() > 2 && words.get(0).equals("softdep")) {
        Set<String> names = soft.computeIfAbsent(canonical(words.get(1)), k -> new TreeSet<>());
        words.stream().skip(2).filter(w -> !w.endsWith(":")).forEach(w -> names.add(canonical(w)));
      }
    }
  }

  /** Paths of all wanted modules as in modules.dep, sorted. */
  Set<String> wanted() {
    Set<String> canonicalNames = new TreeSet<>();
    NAMES.forEach(name -> canonicalNames.add(canonical(name)));
    Set<String> chosen = new LinkedHashSet<>();
    for (String path : needs.keySet()) {
      String below = path.startsWith("kernel/") ? path.substring("kernel/".length()) : path;
      if (FOLDERS.stream().anyMatch(below::startsWith) || canonicalNames.contains(nameOf(path))) {
        add(path, chosen);
      }
    }
    return new TreeSet<>(chosen);
  }

  private void add(String path, Set<String> chosen) {
    if (!chosen.add(path)) {
      return;
    }
    needs.getOrDefault(path, List.of()).forEach(need -> add(need, chosen));
    for (String name : soft.getOrDefault(nameOf(path), Set.of())) {
      // A soft dependency may be an alias ("crypto-crc32c") or built in; then there is no file.
      String softPath = pathOf.get(name);
      if (softPath != null) {
        add(softPath, chosen);
      }
    }
  }

  /**
   * Names of the firmware files a module asks for: its {@code firmware=} tags (MODULE_FIRMWARE).
   */
  static Set<String> firmwareOf(byte[] module) {
    Set<String> names = new TreeSet<>();
    String text = new String(module, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf(FIRMWARE_KEY); at >= 0; at = text.indexOf(FIRMWARE_KEY, at + 1)) {
      int start = at + FIRMWARE_KEY.length();
      int end = text.indexOf('\0', start);
      boolean begins = at == 0 || text.charAt(at - 1) == '\0';
      if (begins && end > start) {
        String name = text.substring(start, end);
        if (name.matches("[A-Za-z0-9][A-Za-z0-9._/+-]*") && !name.contains("..")) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /** {@code kernel/fs/ext4/ext4.ko.xz} is {@code ext4}; '-' and '_' are one to the kernel. */
  private static String nameOf(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int dot = file.indexOf(".ko");
    return canonical(dot > 0 ? file.substring(0, dot) : file);
  }

  private static String canonical(String name) {
    return name.replace('-', '_');
  }
}
