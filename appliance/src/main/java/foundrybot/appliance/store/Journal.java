// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The one way into the journal. A single thread writes what has gathered as one transaction (group
 * commit), then hands each fact to the listener, then tells who waits: so the durable order, the
 * order of the states and the order of the answers are the same.
 */
public final class Journal implements AutoCloseable {
  /** Facts that may wait for the disk; beyond it, evidence is dropped and counted. */
  private static final int MAX_WAITING = 50_000;

  private static final int MAX_BATCH = 1_000;

  private record Entry(Fact fact, CompletableFuture<Fact> done) {}

  private final Store store;
  private final Consumer<Fact> listener;
  private final Consumer<StoreException> onFailure;
  private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>(MAX_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private volatile boolean closing;

  /**
   * Starts the writer.
   *
   * @param listener gets each fact when it is durable, in order, on the writer's thread
   * @param onFailure called once when the store refuses; nothing is written after that
   */
  public Journal(Store store, Consumer<Fact> listener, Consumer<StoreException> onFailure) {
    this.store = store;
    this.listener = listener;
    this.onFailure = onFailure;
    this.writer = Thread.ofPlatform().name("journal").daemon(true).start(this::write);
  }

  /** The returned future completes when the fact is durable and its listener has seen it. */
  public CompletableFuture<Fact> append(Fact fact) {
    CompletableFuture<Fact> done = new CompletableFuture<>();
    if (closing || !queue.offer(new Entry(fact, done))) {
      dropped.incrementAndGet();
      done.completeExceptionally(
          new StoreException(
              closing ? "journal: closed" : "journal: " + MAX_WAITING + " facts wait for the disk",
              new IllegalStateException()));
    }
    return done;
  }

  /** Facts that were refused because the disk did not keep up. */
  public long dropped() {
    return dropped.get();
  }

  private void write() {
    List<Entry> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        Entry first = queue.poll(100, TimeUnit.MILLISECONDS);
        if (first == null) {
          if (closing) {
            return;
          }
          continue;
        }
        batch.add(first);
        queue.drainTo(batch, MAX_BATCH - 1);
        store.append(batch.stream().map(Entry::fact).toList());
        for (Entry entry : batch) {
          listener.accept(entry.fact());
          entry.done().complete(entry.fact());
        }
      } catch (InterruptedException e) {
        return;
      } catch (StoreException e) {
        fail(batch, e);
        return;
      } catch (RuntimeException e) {
        // A writer that died in silence would leave every machine waiting for its answer.
        fail(batch, new StoreException("journal: internal error: " + e, e));
        return;
      }
    }
  }

  private void fail(List<Entry> batch, StoreException problem) {
    closing = true;
    queue.drainTo(batch);
    batch.forEach(entry -> entry.done().completeExceptionally(problem));
    onFailure.accept(problem);
  }

  /** Writes what waits, then ends. */
  @Override
  public void close() {
    closing = true;
    try {
      writer.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
