// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;

/**
 * A while in which nothing more goes on the appliance's own disk.
 *
 * @param from after the start
 * @param lasts until somebody has made room
 */
record FullDisk(Duration from, Duration lasts) {
  static final FullDisk NEVER = new FullDisk(Duration.ZERO, Duration.ZERO);

  /** Whether it is full then, after the start. */
  boolean isAt(Duration passed) {
    return passed.compareTo(from) >= 0 && passed.compareTo(from.plus(lasts)) < 0;
  }
}
