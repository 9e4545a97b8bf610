// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.store.Store;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.Lease;
import foundrybot.bootserver.dhcp.LeaseStore;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Keeps leases in the store. An answer waits for its lease to be durable, and a rack that is
 * switched on asks all at once: what comes while a commit is written goes into the next one
 * together. Order is kept.
 */
final class LeaseWriter implements LeaseStore {
  private final Store store;
  private final Executor blocking;
  private List<Waiting> waiting = new ArrayList<>();
  private boolean writing;

  private record Waiting(Lease lease, CompletableFuture<Void> done) {}

  LeaseWriter(Store store, Executor blocking) {
    this.store = store;
    this.blocking = blocking;
  }

  @Override
  public List<Lease> load() {
    return store.leases().stream().map(LeaseWriter::lease).toList();
  }

  @Override
  public CompletionStage<Void> save(Lease lease) {
    Waiting one = new Waiting(lease, new CompletableFuture<>());
    if (isFirst(one)) {
      try {
        blocking.execute(this::write);
      } catch (RuntimeException e) {
        next().forEach(each -> each.done().completeExceptionally(e));
        stopped();
      }
    }
    return one.done();
  }

  private synchronized boolean isFirst(Waiting one) {
    waiting.add(one);
    boolean first = !writing;
    writing = true;
    return first;
  }

  /** All that wait; where nobody does, the writing ends. */
  private synchronized List<Waiting> next() {
    List<Waiting> group = waiting;
    waiting = new ArrayList<>();
    writing = !group.isEmpty();
    return group;
  }

  private synchronized void stopped() {
    writing = false;
  }

  private void write() {
    for (List<Waiting> group = next(); !group.isEmpty(); group = next()) {
      try {
        store.save(group.stream().map(one -> row(one.lease())).toList());
        group.forEach(one -> one.done().complete(null));
      } catch (RuntimeException e) {
        group.forEach(one -> one.done().completeExceptionally(e));
      }
    }
  }

  private static Store.LeaseRow row(Lease lease) {
    return new Store.LeaseRow(
        lease.address().getHostAddress(),
        lease.mac().toString(),
        lease.until(),
        lease.state().name());
  }

  private static Lease lease(Store.LeaseRow row) {
    return new Lease(
        Inet4Address.ofLiteral(row.address()),
        MacAddress.parse(row.mac()).orElseThrow(),
        Lease.State.valueOf(row.state()),
        row.expires());
  }
}
