// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The one way into the journal. A single thread writes what has gathered in one go (group commit),
 * then hands each fact to the listener, then tells who waits: so the durable order, the order of
 * the states and the order of the answers are the same.
 *
 * <p>A fact that somebody waits for is written at once, with all that came before it. Evidence that
 * nobody waits for wakes nobody: it goes with the next such fact, or after a moment.
 */
public final class Journal implements AutoCloseable {
  /** Facts that may wait for the disk; beyond it, they are refused and counted. */
  private static final int MAX_WAITING = 50_000;

  /** How long evidence gathers that nobody waits for: what a kill can cost of it. */
  private static final long MOMENT_NANOS = Duration.ofMillis(50).toNanos();

  /** What is written together. */
  private record Group(List<Fact> facts, List<CompletableFuture<Void>> awaited) {
    Group() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  /** Hears each fact when it is durable. */
  public interface Listener {
    /**
     * The next fact.
     *
     * @param place as {@link Store.Placed} has it
     */
    void heard(long place, Fact fact);
  }

  private final Store store;
  private final Listener listener;
  private final Consumer<StoreException> onFailure;
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private Group gathered = new Group();
  private boolean closing;

  /**
   * Starts the writer.
   *
   * @param listener gets each fact when it is durable, in order, on the writer's thread
   * @param onFailure called once when the store refuses; nothing is written after that
   */
  public Journal(Store store, Consumer<Fact> listener, Consumer<StoreException> onFailure) {
    this(store, (_, fact) -> listener.accept(fact), onFailure);
  }

  private Journal(Store store, Listener listener, Consumer<StoreException> onFailure) {
    this.store = store;
    this.listener = listener;
    this.onFailure = onFailure;
    this.writer = Thread.ofPlatform().name("journal").daemon(true).start(this::write);
  }

  /** The same for a listener that wants to know the places of facts. */
  public static Journal placing(
      Store store, Listener listener, Consumer<StoreException> onFailure) {
    return new Journal(store, listener, onFailure);
  }

  /** Takes evidence that nobody waits for; where the disk does not keep up, it is dropped. */
  public synchronized void note(Fact fact) {
    if (isFull()) {
      dropped.incrementAndGet();
    } else {
      gathered.facts().add(fact);
    }
  }

  /** The returned future completes when the fact is durable and its listener has seen it. */
  public synchronized CompletableFuture<Void> append(Fact fact) {
    if (isFull()) {
      dropped.incrementAndGet();
      return CompletableFuture.failedFuture(
          new StoreException(
              closing ? "journal: closed" : "journal: " + MAX_WAITING + " facts wait for the disk",
              new IllegalStateException()));
    }
    gathered.facts().add(fact);
    return settled();
  }

  /** Completes when all that was taken until now is durable and heard, for who wants to read it. */
  public synchronized CompletableFuture<Void> settled() {
    if (closing) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    gathered.awaited().add(done);
    LockSupport.unpark(writer);
    return done;
  }

  private boolean isFull() {
    return closing || gathered.facts().size() >= MAX_WAITING;
  }

  /** Facts that wait for the disk now. */
  public synchronized int waiting() {
    return gathered.facts().size();
  }

  /** Facts that were refused because the disk did not keep up. */
  public long dropped() {
    return dropped.get();
  }

  private void write() {
    Group group = new Group();
    try {
      while (!isDone()) {
        group = next();
        if (!group.facts().isEmpty()) {
          long[] places = store.append(group.facts());
          if (!group.awaited().isEmpty()) {
            store.force();
          }
          for (int i = 0; i < places.length; i++) {
            listener.heard(places[i], group.facts().get(i));
          }
        }
        group.awaited().forEach(done -> done.complete(null));
      }
    } catch (StoreException e) {
      fail(group, e);
    } catch (RuntimeException e) {
      // A writer that died in silence would leave every machine waiting for its answer.
      fail(group, new StoreException("journal: internal error: " + e, e));
    }
  }

  private synchronized boolean isDone() {
    return closing && gathered.facts().isEmpty() && gathered.awaited().isEmpty();
  }

  private Group next() {
    if (!isUrgent()) {
      LockSupport.parkNanos(this, MOMENT_NANOS);
    }
    return take();
  }

  private synchronized boolean isUrgent() {
    return closing || !gathered.awaited().isEmpty();
  }

  private synchronized Group take() {
    Group group = gathered;
    gathered = new Group();
    return group;
  }

  private void fail(Group group, StoreException problem) {
    List<CompletableFuture<Void>> left = new ArrayList<>(group.awaited());
    synchronized (this) {
      closing = true;
      left.addAll(gathered.awaited());
    }
    left.forEach(done -> done.completeExceptionally(problem));
    onFailure.accept(problem);
  }

  /** Writes what waits, then ends. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    LockSupport.unpark(writer);
    try {
      writer.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
