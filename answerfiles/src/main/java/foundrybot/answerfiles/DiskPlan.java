// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;

/**
 * What a node's disks become.
 *
 * @param layout of the system
 * @param data disks beside it that are wiped, in the order in which they are chosen
 */
public record DiskPlan(DiskLayout layout, List<DataDisk> data) {
  /** What a profile must be able to do if there are data disks. */
  public static final String DATA = "data";

  /**
   * Behind a layout's word in a profile: only of disks that the rack file names as the kernel does,
   * since its installer takes all that it finds by a rule.
   */
  public static final String NAMED = "-named";

  /** The system on one disk, and no other disk is touched. */
  public static final DiskPlan USUAL = new DiskPlan(new DiskLayout.Single(), List.of());

  public DiskPlan {
    data = List.copyOf(data);
  }
}
