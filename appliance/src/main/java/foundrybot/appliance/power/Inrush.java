// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import java.time.Duration;
import java.time.Instant;

/**
 * Spreads power-ons over time: each machine draws several times its usual current for a moment. A
 * slot is a moment and nothing that is held, so a BMC that dawdles keeps nobody from the next one.
 */
final class Inrush {
  private static final double NANOS = 1e9;

  private Instant free = Instant.EPOCH;

  /** Takes the next slot, and tells how long it is until then. */
  synchronized Duration take(Instant now, double perSecond) {
    Instant slot = free.isBefore(now) ? now : free;
    free = slot.plusNanos(Math.round(NANOS / perSecond));
    return Duration.between(now, slot);
  }
}
