// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Time that passes from one event to the next. Events at the same moment happen in the order in
 * which they were asked for, so the same questions always have the same answers.
 */
final class VirtualTime extends Clock {
  /** Far from any real date, so that nobody takes a simulated log for a real one. */
  static final Instant START = Instant.parse("2000-01-01T00:00:00Z");

  private record Event(long at, long number, Runnable what) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long number;

  /** Has something done after a while; a negative one is none. */
  void after(Duration delay, Runnable what) {
    events.add(new Event(now + Math.max(0, delay.toNanos()), number++, what));
  }

  /** Goes on to the next event; false if there is none. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    now = next.at();
    next.what().run();
    return true;
  }

  Duration passed() {
    return Duration.ofNanos(now);
  }

  @Override
  public Instant instant() {
    return START.plusNanos(now);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("virtual time is in UTC");
  }
}
