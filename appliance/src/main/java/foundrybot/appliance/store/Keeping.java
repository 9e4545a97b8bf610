// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.time.Duration;

/**
 * How much evidence the journal keeps. What decides where a machine stands is always kept.
 *
 * @param evidence how long; older facts are dropped
 * @param bytes of the whole journal; beyond it the oldest evidence is dropped, however young
 */
public record Keeping(Duration evidence, long bytes) {
  /** 90 days, 256 MB. */
  public static final Keeping USUAL = new Keeping(Duration.ofDays(90), 256L << 20);

  /** One file is read as a whole, and must be below 2 GB. */
  private static final long MOST_BYTES = 1L << 30;

  public Keeping {
    if (evidence.isNegative()) {
      throw new IllegalArgumentException("evidence: " + evidence + " (expected: 0 or more)");
    }
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0.." + MOST_BYTES + ")");
    }
  }
}
