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

  /** The system on one disk, and no other disk is touched. */
  public static final DiskPlan USUAL = new DiskPlan(new DiskLayout.Single(), List.of());

  public DiskPlan {
    data = List.copyOf(data);
  }
}
