// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.http.Feed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners what happens: facts as the journal takes them, and where nodes stand when that
 * changes, also by time alone.
 *
 * <p>All listeners share one ring of facts and one board of nodes and have a place in each, so that
 * one more costs a few numbers, and a slow one holds nothing up. Who falls out of the ring is told
 * so and ended; it may come again and goes on from the journal. While nobody listens, nothing is
 * done.
 */
public final class Live implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Live.class);

  /** Listeners at one time. */
  public static final int MOST_LISTENERS = Audience.MOST;

  /** Facts in memory. */
  static final int RING = 4096;

  /** Facts that a listener that comes again is told from the journal. */
  static final int MOST_MISSED = 2_000;

  /** How often at most. */
  private static final Duration GAP = Duration.ofMillis(200);

  /**
   * A node as it is told.
   *
   * @param state equal to that of before where there is nothing to tell
   * @param json the node in one line, asked for only where it is told
   */
  public record Node(String name, String mac, Object state, Supplier<byte[]> json) {}

  /** What becomes of a wish. */
  public sealed interface Opened {
    /** For one client, which must end it. */
    record Listening(Feed feed) implements Opened {}

    /** There are listeners enough. */
    record Full() implements Opened {}
  }

  private final Supplier<List<Node>> nodes;
  private final Predicate<Fact> told;
  private final Function<Fact, byte[]> json;
  private final Store journal;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock looks = new ReentrantLock();
  private final Audience<Listener> audience = new Audience<>(lock);
  private final Ring ring = new Ring(RING);
  private final Board board = new Board();

  /**
   * Nobody listens yet.
   *
   * @param nodes where each stands now
   * @param told whether a fact is for listeners
   * @param json such a fact in one line
   * @param journal for those that come again
   */
  public Live(
      Supplier<List<Node>> nodes,
      Predicate<Fact> told,
      Function<Fact, byte[]> json,
      Store journal) {
    this.nodes = nodes;
    this.told = told;
    this.json = json;
    this.journal = journal;
  }

  /**
   * A fact is durable; facts come in their order. Whatever goes wrong here, the thread of the
   * journal goes on.
   */
  public void heard(long place, Fact fact) {
    try {
      tell(place, fact);
    } catch (RuntimeException e) {
      LOG.error("{}: cannot be told to listeners", fact.kind(), e);
    }
  }

  private void tell(long place, Fact fact) {
    List<Listener> waiting;
    lock.lock();
    try {
      if (audience.isEmpty()) {
        return;
      }
      audience.stir();
      if (!told.test(fact)) {
        return;
      }
      ring.add(placed(place, fact));
      waiting = audience.members();
    } finally {
      lock.unlock();
    }
    Audience.wake(waiting);
  }

  /**
   * Takes a listener; reads the journal if it wants to go on from there, so not on an event loop.
   *
   * @param mayHear asked from time to time: who may not any more is ended
   */
  public Opened open(Wish wish, BooleanSupplier mayHear) {
    Listener listener = new Listener(this, wish, mayHear);
    lock.lock();
    try {
      if (!audience.hasRoom()) {
        return new Opened.Full();
      }
      if (audience.isEmpty()) {
        ring.clear(journal.newestPlace());
      }
      audience.add(listener, "live", this::look);
    } finally {
      lock.unlock();
    }
    try {
      listener.missed(missed(wish));
      refresh();
      return new Opened.Listening(listener);
    } catch (RuntimeException e) {
      left(listener, "failed");
      throw e;
    }
  }

  private Missed missed(Wish wish) {
    if (!wish.facts() || wish.after().isEmpty()) {
      return new Missed(journal.newestPlace(), List.of(), true);
    }
    Store.Following following =
        journal.after(
            wish.after().getAsLong(),
            fact -> wish.isOf(fact.mac()) && told.test(fact),
            MOST_MISSED);
    List<Placed> facts =
        following.facts().stream().map(one -> placed(one.position(), one.fact())).toList();
    return new Missed(following.end(), facts, following.whole());
  }

  private Placed placed(long place, Fact fact) {
    return new Placed(place, fact.mac(), Frames.event(place, "fact", json.apply(fact)));
  }

  /**
   * What a listener was told before it was cut off is known; this is what came since.
   *
   * @param place up to which that goes
   * @param whole whether nothing is left out
   */
  record Missed(long place, List<Placed> facts, boolean whole) {}

  /** While somebody listens. */
  private void look() {
    try {
      while (audience.waited(board::clear)) {
        try {
          refresh();
        } catch (RuntimeException e) {
          LOG.error("nodes cannot be told to listeners", e);
        }
        Thread.sleep(GAP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One at a time, so that no older look comes after a newer one; it holds up no fact. */
  private void refresh() {
    List<Listener> waiting;
    looks.lock();
    try {
      if (!isStatusWanted()) {
        return;
      }
      List<Node> present = nodes.get();
      Map<String, byte[]> written = new HashMap<>();
      for (Node node : changed(present)) {
        written.put(node.name(), node.json().get());
      }
      lock.lock();
      try {
        // Only where the board was cleared meanwhile is there more to write.
        if (!board.replace(
            present, node -> written.computeIfAbsent(node.name(), _ -> node.json().get()))) {
          return;
        }
        waiting = audience.members();
      } finally {
        lock.unlock();
      }
    } finally {
      looks.unlock();
    }
    Audience.wake(waiting);
  }

  private boolean isStatusWanted() {
    return audience.members().stream().anyMatch(Listener::wantsStatus);
  }

  private List<Node> changed(List<Node> present) {
    lock.lock();
    try {
      return present.stream().filter(board::isNews).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Fills a piece for a listener; tells why it has to end, if it has to. */
  Optional<String> fill(Listener listener) {
    lock.lock();
    try {
      return listener.fillFrom(ring, board);
    } finally {
      lock.unlock();
    }
  }

  void left(Listener listener, String how) {
    audience.left(listener, how);
  }

  /** How often what happened to listeners. */
  public Map<String, Long> counters() {
    return audience.counters();
  }

  /** How many listen now. */
  public int listening() {
    return audience.size();
  }

  static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Takes no more listeners; those that are there end with their connections. */
  @Override
  public void close() {
    audience.close();
  }
}
