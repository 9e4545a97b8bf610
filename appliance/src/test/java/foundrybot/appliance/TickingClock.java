// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Time that passes when a test says so. */
public final class TickingClock extends Clock {
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private volatile Runnable asked = () -> {};

  public synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  /** Called by each thread that asks for the time, before it gets it. */
  public void whenAsked(Runnable hook) {
    asked = hook;
  }

  @Override
  public Instant instant() {
    asked.run();
    synchronized (this) {
      return now;
    }
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
