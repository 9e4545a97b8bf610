// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * Where a machine is mounted, for who draws the rack; nothing is decided by it.
 *
 * @param rack the cabinet's name
 * @param unit the lowest unit that the machine takes, counted from 1 at the floor
 */
public record RackPlace(String rack, int unit) {
  /** As people write it: {@code r1 unit 12}. */
  @Override
  public String toString() {
    return rack + " unit " + unit;
  }
}
