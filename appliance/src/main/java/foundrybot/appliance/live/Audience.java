// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import foundrybot.bootserver.http.Feed;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who listen: who is among them, what became of them, and the one thread that looks for news
 * for all while there are any. What they share is guarded by the same lock.
 *
 * @param <L> a listener
 */
final class Audience<L extends Audience.Member> {
  private static final Logger LOG = LoggerFactory.getLogger(Audience.class);

  /** Listeners at one time. */
  static final int MOST = 64;

  /** How often is looked though nothing was heard: time alone makes news. */
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /** Waits until it is told that there is more. */
  interface Member extends Feed {
    /** There may be more; by any thread. */
    void wake();
  }

  private final ReentrantLock lock;
  private final Condition heard;
  private final Set<L> members = new LinkedHashSet<>();
  private final Map<String, Long> counters = new TreeMap<>();
  private boolean news;
  private boolean looking;
  private boolean closed;

  Audience(ReentrantLock lock) {
    this.lock = lock;
    this.heard = lock.newCondition();
  }

  /** Whether one more may come; a refusal is counted. The caller holds the lock. */
  boolean hasRoom() {
    if (closed || members.size() >= MOST) {
      count("refused.listeners");
      return false;
    }
    return true;
  }

  /** Takes one for whom there is room; the first has somebody begin to look. Under the lock. */
  void add(L member, String thread, Runnable look) {
    members.add(member);
    count("opened");
    if (!looking) {
      looking = true;
      Thread.ofVirtual().name(thread).start(look);
    }
  }

  /** Whether nobody listens. Under the lock. */
  boolean isEmpty() {
    return members.isEmpty();
  }

  /** Something happened: who looks need not wait. Under the lock. */
  void stir() {
    news = true;
    heard.signalAll();
  }

  /**
   * Waits for news, a second at most; false when nobody listens any more, and the looking is over.
   *
   * @param last run then, under the lock
   */
  boolean waited(Runnable last) throws InterruptedException {
    lock.lock();
    try {
      long left = LOOK_NANOS;
      while (!news && !members.isEmpty() && left > 0) {
        left = heard.awaitNanos(left);
      }
      news = false;
      if (members.isEmpty()) {
        last.run();
        looking = false;
        return false;
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  List<L> members() {
    lock.lock();
    try {
      return List.copyOf(members);
    } finally {
      lock.unlock();
    }
  }

  /** Not under the lock: a listener that is woken may ask for what the lock guards. */
  static void wake(List<? extends Member> waiting) {
    for (Member member : waiting) {
      try {
        member.wake();
      } catch (RuntimeException e) {
        // One whose connection takes nothing more is no reason to leave the others asleep.
        LOG.error("a listener cannot be told that there is more", e);
      }
    }
  }

  void left(L member, String how) {
    lock.lock();
    try {
      if (members.remove(member)) {
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

  Map<String, Long> counters() {
    lock.lock();
    try {
      return Map.copyOf(counters);
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return members.size();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      members.clear();
      heard.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
