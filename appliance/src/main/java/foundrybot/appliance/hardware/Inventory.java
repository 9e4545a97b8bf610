// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

import java.util.List;
import java.util.Locale;

/**
 * What a machine says that it is made of, as the deploy environment reads it from {@code /sys} and
 * {@code /proc}. Whatever it does not tell is empty, or 0.
 *
 * @param firmware {@code uefi} or {@code bios}
 * @param uuid of SMBIOS
 * @param serial of the machine
 * @param cpus logical ones that the kernel runs
 * @param memoryBytes that the kernel can use
 */
public record Inventory(
    String firmware,
    String uuid,
    String serial,
    String vendor,
    String product,
    int cpus,
    String cpuModel,
    long memoryBytes,
    List<Disk> disks,
    List<Nic> nics) {
  /** More is no machine. */
  static final int MOST_DISKS = 1000;

  static final int MOST_NICS = 256;

  /**
   * A whole disk.
   *
   * @param name the kernel's, such as {@code nvme0n1}
   * @param rotational whether it has to wait for a platter
   */
  public record Disk(
      String name,
      long bytes,
      String model,
      String serial,
      boolean rotational,
      boolean removable,
      boolean readOnly) {
    public Disk {
      Checks.diskName(name);
      Checks.count("bytes of " + name, bytes, Checks.MOST);
      Checks.text("model of " + name, model);
      Checks.text("serial of " + name, serial);
    }
  }

  /**
   * A network card.
   *
   * @param link whether something is at the other end of its cable
   */
  public record Nic(String name, String mac, String driver, boolean link) {
    public Nic {
      Checks.matches("name of a card", name, "[A-Za-z0-9._-]{1,15}");
      Checks.matches("mac of " + name, mac, "[0-9a-f]{2}(:[0-9a-f]{2}){5,19}");
      Checks.text("driver of " + name, driver);
    }
  }

  public Inventory {
    Checks.matches("firmware", firmware, "uefi|bios");
    Checks.matches("uuid", uuid, "([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?");
    Checks.text("serial", serial);
    Checks.text("vendor", vendor);
    Checks.text("product", product);
    Checks.count("cpus", cpus, 1 << 16);
    Checks.text("cpuModel", cpuModel);
    Checks.count("memoryBytes", memoryBytes, Checks.MOST);
    Checks.count("disks", disks.size(), MOST_DISKS);
    Checks.count("nics", nics.size(), MOST_NICS);
    disks = List.copyOf(disks);
    nics = List.copyOf(nics);
  }

  /** One line for the journal. */
  public String summary() {
    return cpus
        + " CPUs, "
        + size(memoryBytes)
        + " memory, "
        + disks.size()
        + " disks, "
        + nics.size()
        + " network cards, "
        + firmware;
  }

  /** As people write sizes: {@code 3.6 TiB}. */
  public static String size(long bytes) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;
    double number = bytes;
    while (number >= 1024 && unit < units.length - 1) {
      number /= 1024;
      unit++;
    }
    return unit == 0
        ? bytes + " bytes"
        : String.format(Locale.ROOT, "%.1f", number).replace(".0", "") + " " + units[unit];
  }
}
