// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private final FactWriter store;
  private final Listener listener;
  private final Consumer<StoreException> onFailure;
  private final AtomicLong dropped = new AtomicLong();

  /** Empty where it is driven from outside. */
  private final Optional<Thread> writer;

  private final Runnable wake;
  private Group gathered = new Group();
  private boolean closing;

  /** Why nothing is written any more. */
  private Optional<StoreException> failed = Optional.empty();

  /**
   * Starts the writer.
   *
   * @param listener gets each fact when it is durable, in order, on the writer's thread
   * @param onFailure called once when the store refuses; nothing is written after that
   */
  public Journal(FactWriter store, Consumer<Fact> listener, Consumer<StoreException> onFailure) {
    this(store, (_, fact) -> listener.accept(fact), onFailure);
  }

  private Journal(FactWriter store, Listener listener, Consumer<StoreException> onFailure) {
    this.store = store;
    this.listener = listener;
    this.onFailure = onFailure;
    Thread thread = Thread.ofPlatform().name("journal").daemon(true).unstarted(this::write);
    this.writer = Optional.of(thread);
    this.wake = () -> LockSupport.unpark(thread);
    thread.start();
  }

  private Journal(
      FactWriter store, Listener listener, Consumer<StoreException> onFailure, Runnable wake) {
    this.store = store;
    this.listener = listener;
    this.onFailure = onFailure;
    this.writer = Optional.empty();
    this.wake = wake;
  }

  /**
   * One without a thread of its own, for who has the time in his hands: whoever makes it calls
   * {@link #turn} in place of the writer.
   *
   * @param wanted called when somebody waits for what has gathered; must not call {@code turn}
   */
  public static Journal driven(
      FactWriter store,
      Consumer<Fact> listener,
      Consumer<StoreException> onFailure,
      Runnable wanted) {
    return new Journal(store, (_, fact) -> listener.accept(fact), onFailure, wanted);
  }

  /** The same for a listener that wants to know the places of facts. */
  public static Journal placing(
      FactWriter store, Listener listener, Consumer<StoreException> onFailure) {
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

  /**
   * Completes when all that was taken until now is durable and heard, for who wants to read it;
   * fails once the store has refused.
   */
  public synchronized CompletableFuture<Void> settled() {
    if (failed.isPresent()) {
      return CompletableFuture.failedFuture(failed.get());
    }
    if (closing) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    gathered.awaited().add(done);
    wake.run();
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
    boolean good = true;
    while (good && !isDone()) {
      if (!isUrgent()) {
        LockSupport.parkNanos(this, MOMENT_NANOS);
      }
      good = turn();
    }
  }

  /**
   * Writes what has gathered, tells the listener of it, and who waits; only for a journal that is
   * driven from outside, and by one thread at a time.
   *
   * @return false if the store refused; nothing is written after that
   */
  public boolean turn() {
    Group group = take();
    try {
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
      return true;
    } catch (StoreException e) {
      fail(group, e);
    } catch (RuntimeException e) {
      // A writer that died in silence would leave every machine waiting for its answer.
      fail(group, new StoreException("journal: internal error: " + e, e));
    }
    return false;
  }

  private synchronized boolean isDone() {
    return closing && gathered.facts().isEmpty() && gathered.awaited().isEmpty();
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
      failed = Optional.of(problem);
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
    wake.run();
    if (writer.isEmpty()) {
      turn();
      return;
    }
    try {
      writer.get().join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
