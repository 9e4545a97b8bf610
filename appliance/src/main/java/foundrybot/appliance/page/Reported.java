// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import foundrybot.appliance.hardware.HardwareTable;
import java.time.Instant;
import java.util.List;

/**
 * What a machine has reported of its hardware.
 *
 * @param at when it did
 * @param verdict on it, in a sentence; empty where there is none
 * @param good whether that is as it should be
 * @param lines what is to be said beside it
 */
public record Reported(
    String title,
    Instant at,
    String verdict,
    boolean good,
    List<String> lines,
    List<HardwareTable> tables) {
  public Reported {
    lines = List.copyOf(lines);
    tables = List.copyOf(tables);
  }
}
