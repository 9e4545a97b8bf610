// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/**
 * What a rack's wiring bears when its machines are switched on.
 *
 * @param onPerSecond machines switched on in a second, for the current that each draws at that
 *     moment; 0.1..100
 * @param atOnce BMCs spoken to at the same time; 1..1000
 */
public record PowerLimits(double onPerSecond, int atOnce) {
  /** The slowest that makes sense: one machine in ten seconds. */
  static final double LEAST_PER_SECOND = 0.1;

  static final double MOST_PER_SECOND = 100;
  static final int MOST_AT_ONCE = 1000;

  /** What holds where the rack file says nothing. */
  public static final PowerLimits USUAL = new PowerLimits(2, 32);
}
