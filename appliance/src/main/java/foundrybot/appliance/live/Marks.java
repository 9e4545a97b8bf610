// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import foundrybot.appliance.live.Live.Opened;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  public static final int MOST_LISTENERS = Audience.MOST;

  /** How often at most: of a rack that comes up, nobody sees more. */
  public static final Duration GAP = Duration.ofMillis(400);

  private final UnaryOperator<String> marks;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReentrantLock looks = new ReentrantLock();
  private final Audience<MarkListener> audience = new Audience<>(lock);
  private final Map<String, String> newest = new HashMap<>();

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
      if (!audience.isEmpty()) {
        audience.stir();
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
      if (!audience.hasRoom()) {
        return new Opened.Full();
      }
      audience.add(listener, "marks", this::look);
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
      while (audience.waited(newest::clear)) {
        try {
          refresh(watched());
        } catch (RuntimeException e) {
          LOG.error("what pages show cannot be looked at", e);
        }
        // Also those for whom there is nothing: who may hear no more is to learn it soon.
        Audience.wake(audience.members());
        Thread.sleep(GAP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Set<String> watched() {
    lock.lock();
    try {
      Set<String> things = new HashSet<>();
      audience.members().forEach(listener -> things.add(listener.thing()));
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

  /** Takes no more listeners; those that are there end with their connections. */
  @Override
  public void close() {
    audience.close();
  }
}
