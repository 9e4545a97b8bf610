// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** The world's clock, which can be put forward: deadlines are minutes. */
final class MovedClock extends Clock {
  private final AtomicReference<Duration> by = new AtomicReference<>(Duration.ZERO);

  /** From now on it is ahead of the world's by that much. */
  void forward(Duration time) {
    by.set(time);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("only UTC");
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(by.get());
  }
}
