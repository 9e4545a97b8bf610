// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/**
 * How the system lies on its disks, expressed once; each profile's templates say it to their
 * installer.
 */
public sealed interface DiskLayout {
  /** One disk with plain partitions. */
  record Single() implements DiskLayout {}

  /**
   * Software RAID 1 (Linux md) of two disks, each of which can start the machine.
   *
   * @param disks two devices, or none: the first two that the installer takes
   */
  record Raid1(List<String> disks) implements DiskLayout {
    /** How many it is made of. */
    public static final int DISKS = 2;

    public Raid1 {
      disks = List.copyOf(disks);
      if (!disks.isEmpty() && disks.size() != DISKS) {
        throw new IllegalArgumentException(
            "disks: " + disks + " (expected: none or " + DISKS + ")");
      }
    }
  }

  /** One disk, the root file system in a logical volume and {@code /boot} beside it. */
  record Lvm() implements DiskLayout {}

  /** One disk, the root file system inside LUKS. */
  record Encrypted() implements DiskLayout {}

  /** One disk, the root file system in a pool of OpenZFS. */
  record Zfs() implements DiskLayout {}

  /** The words for them in rack files and profiles. */
  List<String> WORDS = List.of("single", "raid1", "lvm", "encrypted", "zfs");

  /** The layout's word. */
  default String word() {
    return switch (this) {
      case Single() -> "single";
      case Raid1 _ -> "raid1";
      case Lvm() -> "lvm";
      case Encrypted() -> "encrypted";
      case Zfs() -> "zfs";
    };
  }

  /** Devices that it claims by name, beside the node's {@code disk}. */
  default List<String> devices() {
    return this instanceof Raid1 raid ? raid.disks() : List.of();
  }
}
