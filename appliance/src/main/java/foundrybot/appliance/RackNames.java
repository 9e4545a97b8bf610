// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.RackFile;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dhcp.LeaseStore;
import foundrybot.bootserver.dns.Zone;
import java.net.Inet4Address;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The zone in force. It is made anew when the rack file or a lease has changed, beside the event
 * loops; changes that come meanwhile share the next one, so that a storm of leases costs no more.
 */
final class RackNames implements Supplier<Zone> {
  /** A zone is not made anew before so many times what the last one took: a storm has many. */
  private static final int REST = 20;

  private static final Duration LONGEST_REST = Duration.ofSeconds(1);

  private final Supplier<RackFile> rack;
  private final Clock clock;
  private final Executor blocking;
  // One per address of the pool.
  private final Map<Inet4Address, Lease> leases = new ConcurrentHashMap<>();
  private final AtomicBoolean due = new AtomicBoolean();
  private long serial;
  private volatile Duration rest = Duration.ZERO;
  private volatile Snapshot snapshot;

  /** A zone, and when the first of its leases ends. */
  private record Snapshot(Zone zone, Instant until) {}

  RackNames(Supplier<RackFile> rack, Clock clock, Executor blocking) {
    this.rack = rack;
    this.clock = clock;
    this.blocking = blocking;
    this.snapshot = made();
  }

  @Override
  public Zone get() {
    Snapshot now = snapshot;
    if (clock.instant().isAfter(now.until())) {
      changed();
    }
    return now.zone();
  }

  /** The rack file is another one. */
  void changed() {
    if (due.compareAndSet(false, true)) {
      blocking.execute(this::renew);
    }
  }

  /** The same store; what is read from it or saved in it is in the zone soon after. */
  LeaseStore watching(LeaseStore store) {
    return new LeaseStore() {
      @Override
      public List<Lease> load() {
        List<Lease> all = store.load();
        all.forEach(lease -> leases.put(lease.address(), lease));
        changed();
        return all;
      }

      @Override
      public CompletionStage<Void> save(Lease lease) {
        return store
            .save(lease)
            .thenRun(
                () -> {
                  Lease before = leases.put(lease.address(), lease);
                  // A lease that is only renewed changes no name.
                  if (before == null
                      || before.state() != lease.state()
                      || !before.mac().equals(lease.mac())
                      || clock.instant().isAfter(before.until())) {
                    changed();
                  }
                });
      }
    };
  }

  private void renew() {
    try {
      Thread.sleep(rest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    make();
  }

  private synchronized void make() {
    due.set(false);
    long begin = System.nanoTime();
    snapshot = made();
    Duration spent = Duration.ofNanos(System.nanoTime() - begin);
    rest =
        spent.compareTo(LONGEST_REST.dividedBy(REST)) > 0 ? LONGEST_REST : spent.multipliedBy(REST);
  }

  private Snapshot made() {
    Instant now = clock.instant();
    serial = Math.max(serial + 1, now.getEpochSecond());
    Instant until =
        leases.values().stream()
            .map(Lease::until)
            .filter(end -> end.isAfter(now))
            .min(Instant::compareTo)
            .orElse(Instant.MAX);
    return new Snapshot(Zone.of(RackZone.of(rack.get(), leases.values(), now, serial)), until);
  }
}
