// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.store.Keeping;
import foundrybot.appliance.store.Store;
import foundrybot.appliance.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops old evidence from the journal, at the start and then once a day. */
final class JournalPruner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalPruner.class);
  private static final Duration INTERVAL = Duration.ofDays(1);

  /** A pruning reads and writes some hundred megabytes. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Store store;
  private final Fleet fleet;
  private final Keeping keeping;
  private final LongSupplier floor;
  private final Clock clock;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;

  private JournalPruner(
      Store store, Fleet fleet, Keeping keeping, LongSupplier floor, Clock clock) {
    this.store = store;
    this.fleet = fleet;
    this.keeping = keeping;
    this.floor = floor;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("journal-pruner").daemon(true).unstarted(this::run);
  }

  /**
   * Begins at once.
   *
   * @param floor the place in the journal after which some reader needs all of it
   */
  static JournalPruner start(
      Store store, Fleet fleet, Keeping keeping, LongSupplier floor, Clock clock) {
    JournalPruner pruner = new JournalPruner(store, fleet, keeping, floor, clock);
    pruner.thread.start();
    return pruner;
  }

  private void run() {
    try {
      do {
        prune();
      } while (!end.await(INTERVAL.toSeconds(), TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The journal stays as it is where it cannot be written anew; that stops nobody. */
  private void prune() {
    try {
      Optional<Store.Pruned> pruned =
          store.prune(keeping, this::knows, clock.instant(), floor.getAsLong());
      pruned.ifPresent(
          done ->
              LOG.info(
                  "journal pruned: evidence from before {} is gone facts={} bytes={} left={}",
                  done.oldest(),
                  done.dropped(),
                  done.before(),
                  done.after()));
    } catch (StoreException e) {
      LOG.warn("journal not pruned, nothing is lost: {}", e.getMessage());
    }
  }

  private boolean knows(String mac) {
    return Mac.parse(mac).filter(fleet::knows).isPresent();
  }

  /** Not by an interrupt, which would close the files under the hands of who writes them. */
  @Override
  public void close() {
    end.countDown();
    try {
      if (!thread.join(PATIENCE)) {
        LOG.warn("journal: the pruning did not end within {}", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
