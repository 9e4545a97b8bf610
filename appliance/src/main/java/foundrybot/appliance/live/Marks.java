// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import foundrybot.appliance.live.Live.Opened;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners that what they watch has changed, and by what name it is known now; what has
 * changed they fetch.
 *
 * <p>Only the newest mark of a thing is told, however many lay between, so nothing gathers for who
 * is slow, and who was cut off has lost nothing: it says which mark it has. All listeners share one
 * look at each thing. While nobody listens, nothing is done.
 */
public final class Marks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Marks.class);

  /** Listeners at one time. */
  public static final int MOST_LISTENERS = 64;

  /** How often things are looked at though nothing was heard: time alone changes them, too. */
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /** How often at most: of a rack that comes up, nobody sees more. */
  private static final Duration GAP = Duration.ofMillis(400);

  private final UnaryOperator<String> marks;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock looks = new ReentrantLock();
  private final Condition heard = lock.newCondition();
  private final Set<MarkListener> listeners = new LinkedHashSet<>();
  private final Map<String, String> newest = new HashMap<>();
  private final Map<String, Long> counters = new TreeMap<>();
  private boolean changed;
  private boolean looking;
  private boolean closed;

  /**
   * Nobody listens yet.
   *
   * @param marks by what name a thing is known now: letters, digits, hyphens and points
   */
  public Marks(UnaryOperator<String> marks) {
    this.marks = marks;
  }

  /** Something happened; costs nothing, and holds nothing up. */
  public void heard() {
    lock.lock();
    try {
      if (!listeners.isEmpty()) {
        changed = true;
        heard.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a listener; looks at the thing, so not on an event loop.
   *
   * @param thing one of those that have a mark
   * @param have the mark that it has; empty for none
   * @param mayHear asked from time to time: who may not any more is ended
   */
  public Opened open(String thing, String have, BooleanSupplier mayHear) {
    MarkListener listener = new MarkListener(this, thing, have, mayHear);
    lock.lock();
    try {
      if (closed || listeners.size() >= MOST_LISTENERS) {
        count("refused.listeners");
        return new Opened.Full();
      }
      listeners.add(listener);
      count("opened");
      if (!looking) {
        looking = true;
        Thread.ofVirtual().name("marks").start(this::look);
      }
    } finally {
      lock.unlock();
    }
    try {
      refresh(Set.of(thing));
      return new Opened.Listening(listener);
    } catch (RuntimeException e) {
      left(listener, "failed");
      throw e;
    }
  }

  /** While somebody listens. */
  private void look() {
    try {
      while (waited()) {
        try {
          refresh(watched());
        } catch (RuntimeException e) {
          LOG.error("what pages show cannot be looked at", e);
        }
        wakeAll();
        Thread.sleep(GAP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether somebody listens still. */
  private boolean waited() throws InterruptedException {
    lock.lock();
    try {
      long left = LOOK_NANOS;
      while (!changed && !listeners.isEmpty() && left > 0) {
        left = heard.awaitNanos(left);
      }
      changed = false;
      if (listeners.isEmpty()) {
        newest.clear();
        looking = false;
        return false;
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Set<String> watched() {
    lock.lock();
    try {
      Set<String> things = new HashSet<>();
      listeners.forEach(listener -> things.add(listener.thing()));
      newest.keySet().retainAll(things);
      return things;
    } finally {
      lock.unlock();
    }
  }

  /** One at a time, so that no older mark comes after a newer one. */
  private void refresh(Set<String> things) {
    looks.lock();
    try {
      for (String thing : things) {
        String mark = marks.apply(thing);
        lock.lock();
        try {
          newest.put(thing, mark);
        } finally {
          lock.unlock();
        }
      }
    } finally {
      looks.unlock();
    }
  }

  /** Also those for whom there is nothing: who may hear no more is to learn it soon. */
  private void wakeAll() {
    List<MarkListener> waiting;
    lock.lock();
    try {
      waiting = List.copyOf(listeners);
    } finally {
      lock.unlock();
    }
    for (MarkListener listener : waiting) {
      try {
        listener.wake();
      } catch (RuntimeException e) {
        // One whose connection takes nothing more is no reason to leave the others asleep.
        LOG.error("a page cannot be told that there is more", e);
      }
    }
  }

  /** The newest mark of a thing that somebody listens for. */
  Optional<String> newest(String thing) {
    lock.lock();
    try {
      return Optional.ofNullable(newest.get(thing));
    } finally {
      lock.unlock();
    }
  }

  void left(MarkListener listener, String how) {
    lock.lock();
    try {
      if (listeners.remove(listener)) {
        count("ended." + how);
        heard.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void count(String what) {
    counters.merge(what, 1L, Long::sum);
  }

  /** How often what happened to listeners. */
  public Map<String, Long> counters() {
    lock.lock();
    try {
      return Map.copyOf(counters);
    } finally {
      lock.unlock();
    }
  }

  /** How many listen now. */
  public int listening() {
    lock.lock();
    try {
      return listeners.size();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more listeners; those that are there end with their connections. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      listeners.clear();
      heard.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
