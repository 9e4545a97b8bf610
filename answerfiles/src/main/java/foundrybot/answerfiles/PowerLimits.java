// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * What a rack's wiring and its BMCs bear.
 *
 * @param onPerSecond machines switched on in a second, for the current that each draws then
 * @param atOnce BMCs spoken to at the same time
 */
public record PowerLimits(double onPerSecond, int atOnce) {
  /** What holds where the rack file says nothing. */
  public static final PowerLimits USUAL = new PowerLimits(5, 64);
}
