// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Brief;
import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import java.util.List;

/** The keys of the rack file about disks. */
final class DiskKeys {
  private static final int MOST_DATA = 64;

  private static final Rule LAYOUT = Rule.oneOf(DiskLayout.WORDS);
  private static final Rule DEVICE =
      new Rule(
          "a device such as /dev/vda or /dev/disk/by-id/..., and no partition of one",
          text -> !text.equals(Node.AUTO) && Rules.DISK.accepts().test(text),
          Rules.DISK.schema(),
          List.of());
  private static final Rule DATA =
      Rule.matching(
          "a device and no partition of one, larger than SIZE, smaller than SIZE (as in larger than"
              + " 1 TB), or others",
          DataDisk.FORM,
          text ->
              text.matches(DataDisk.FORM)
                  && (!text.startsWith("/") || Rules.DISK.accepts().test(text)));

  /** What a profile can do; others it refuses. */
  static final Rule ABILITY =
      Rule.oneOf(
          List.of(
              "single",
              "raid1",
              "lvm",
              "encrypted",
              "zfs",
              DiskPlan.DATA,
              "raid1" + DiskPlan.NAMED,
              "zfs" + DiskPlan.NAMED));

  private DiskKeys() {}

  static Shape.Key layout(String fallback, String meaning) {
    return Shape.Key.optional("layout", new Brief("root", LAYOUT, full()), fallback, meaning);
  }

  private static Mapping full() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "root",
                new Scalar(LAYOUT),
                "single",
                "How the system lies on its disks: one disk, two as RAID 1, or one with LVM, LUKS"
                    + " or OpenZFS."),
            Shape.Key.optional(
                "disks",
                new Items(DEVICE, DiskLayout.Raid1.DISKS, DiskLayout.Raid1.DISKS),
                "the first two",
                "Of raid1: the two disks, instead of disk. They are wiped."),
            Shape.Key.optional(
                "data",
                new Items(DATA, 0, MOST_DATA),
                "none",
                "Disks beside these that are wiped and proved blank: devices, larger than 1 TB,"
                    + " smaller than 500 GB, others.")));
  }
}
