// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

/**
 * How many bytes one machine may log: a burst, as at the end of an installation, and what comes
 * back to it each second.
 */
final class Allowance {
  static final int BURST = 256 * 1024;
  static final int PER_SECOND = 8 * 1024;

  // A bucket is one number: the time at which it will be full again, in milliseconds.
  private double fullAt;

  /**
   * Takes the bytes of a line.
   *
   * @param now milliseconds, of a clock that may be set back
   * @return whether there were as many left
   */
  synchronized boolean admits(int bytes, long now) {
    double empty = now + 1000.0 * BURST / PER_SECOND;
    // Later than that only if the clock was set back.
    double full = fullAt > empty ? (double) now : Math.max(fullAt, (double) now);
    double after = full + 1000.0 * bytes / PER_SECOND;
    boolean admitted = after <= empty;
    fullAt = admitted ? after : full;
    return admitted;
  }
}
