// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Time that passes only where somebody sleeps; what is planned happens on the way. */
final class VirtualTiming implements Timing {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TreeMap<Instant, List<Runnable>> planned = new TreeMap<>();
  private final List<Duration> sleeps = new ArrayList<>();
  private Instant now = START;

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    List<Runnable> due = new ArrayList<>();
    synchronized (this) {
      sleeps.add(time);
      now = now.plus(time);
      Map<Instant, List<Runnable>> past = planned.headMap(now, true);
      past.values().forEach(due::addAll);
      past.clear();
    }
    due.forEach(Runnable::run);
  }

  /** From now on. */
  synchronized void in(Duration time, Runnable event) {
    planned.computeIfAbsent(now.plus(time), i -> new ArrayList<>()).add(event);
  }

  synchronized Duration passed() {
    return Duration.between(START, now);
  }

  synchronized List<Duration> sleeps() {
    return List.copyOf(sleeps);
  }
}
