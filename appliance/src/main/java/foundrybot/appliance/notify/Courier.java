// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.notify.Patience.Reply;
import foundrybot.appliance.notify.Patience.Verdict;
import foundrybot.appliance.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells one receiver what the journal has for it, one after the other: in memory is the one that is
 * under way, and no more. Its place is durable after each, so that a kill costs a repetition with
 * the same id. What the receiver does delays nobody else.
 *
 * <p>Driven by {@link #step}, by one thread at a time; the rest may be asked by any.
 */
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  /** Facts that are looked at in one go. */
  private static final int LOOKED = 2_000;

  /** What nobody waits for is passed in memory; the file follows after so many bytes. */
  private static final long PASSED = 1 << 20;

  private static final int MOST_COUNTED = 1_000;

  private static final String LATE = "it fell too far behind while it was sent, in vain";

  /** Where a message of this kind is noted in the journal. */
  interface Notes {
    /** Of the appliance as a whole; nobody waits for it. */
    void note(String kind, String detail);
  }

  /** The kind of the fact that one was given up. */
  static final String DEAD = "webhook.dead";

  /** The kind of the fact that some were lost. */
  static final String LOST = "webhook.lost";

  /** One that is under way. */
  private record Pending(
      long position,
      String id,
      Happening what,
      int tries,
      Optional<Instant> begun,
      Optional<Instant> next) {
    Pending tried(Instant now) {
      return new Pending(position, id, what, tries + 1, begun.or(() -> Optional.of(now)), next);
    }

    Pending again(Instant at) {
      return new Pending(position, id, what, tries, begun, Optional.of(at));
    }
  }

  private final WebhookSettings hook;
  private final Store store;
  private final Path file;
  private final Sender sender;
  private final Patience patience;
  private final Supplier<String> cluster;
  private final Notes notes;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private Bookmark bookmark;
  private Bookmark written;
  private Optional<Pending> pending = Optional.empty();
  private String error = "";
  private String errorAt = "";
  private String stopped = "";
  private boolean ended;
  // The place of the one that is on its way to the receiver.
  private OptionalLong sending = OptionalLong.empty();
  private long failed;
  private long deliveredNow;
  private long deadNow;
  private long lostNow;

  /**
   * Goes on from its place; one without a place begins with what happens from now on.
   *
   * @param file of its place
   */
  Courier(
      WebhookSettings hook,
      Store store,
      Path file,
      Sender sender,
      Patience patience,
      Supplier<String> cluster,
      Notes notes,
      InstantSource clock,
      RandomGenerator random) {
    this.hook = hook;
    this.store = store;
    this.file = file;
    this.sender = sender;
    this.patience = patience;
    this.cluster = cluster;
    this.notes = notes;
    this.clock = clock;
    this.random = random;
    Optional<Bookmark> known = Optional.empty();
    try {
      known = Bookmark.of(file);
    } catch (IOException e) {
      LOG.warn("webhook {}: goes on from now, its place is lost: {}", hook.name(), e.getMessage());
    }
    this.bookmark = known.orElseGet(() -> Bookmark.at(store.present()));
    this.written = bookmark;
    if (known.isEmpty()) {
      keep(bookmark);
    }
  }

  WebhookSettings hook() {
    return hook;
  }

  /** Whether a fact is for it. */
  boolean wants(Fact fact) {
    return Happening.of(fact).filter(it -> hook.wants(it.type())).isPresent();
  }

  /**
   * Does what is due; what it sends takes as long as it takes.
   *
   * @return when to be called again by the clock; empty: when there are more facts
   */
  Optional<Instant> step() {
    Optional<Pending> due = due();
    if (due.isEmpty()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    Optional<Instant> later = due.get().next().filter(at -> at.isAfter(now));
    if (later.isPresent()) {
      return later;
    }
    Pending tried = due.get().tried(now);
    if (!begun(tried)) {
      return Optional.of(now);
    }
    Reply reply = sender.send(tried.id(), tried.what().body(cluster.get()));
    return done(tried, reply);
  }

  /** Whether it is sent: it may have been given up in the meantime. */
  private boolean begun(Pending tried) {
    lock.lock();
    try {
      boolean current = pending.filter(it -> it.position() == tried.position()).isPresent();
      if (!current || ended) {
        return false;
      }
      sending = OptionalLong.of(tried.position());
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Pending> due() {
    lock.lock();
    try {
      if (!stopped.isEmpty() || ended) {
        return Optional.empty();
      }
      while (pending.isEmpty()) {
        long before = bookmark.place();
        Store.Following next = store.next(before, this::wants, 1, LOOKED);
        if (!next.whole()) {
          lose(next.end(), 0, "the journal was pruned over its place; how many is not known");
        }
        List<Store.Placed> found = next.facts();
        if (!found.isEmpty()) {
          Store.Placed one = found.getFirst();
          Happening what = Happening.of(one.fact()).orElseThrow();
          String id = Happening.id(hook.name(), one.position(), one.fact());
          pending =
              Optional.of(
                  new Pending(one.position(), id, what, 0, Optional.empty(), Optional.empty()));
        } else if (next.end() == before) {
          return Optional.empty();
        } else {
          bookmark = bookmark.passed(next.end());
          if (bookmark.place() - written.place() > PASSED) {
            keep(bookmark);
          }
        }
      }
      return pending;
    } finally {
      lock.unlock();
    }
  }

  private Optional<Instant> done(Pending tried, Reply reply) {
    lock.lock();
    try {
      sending = OptionalLong.empty();
      if (ended) {
        return Optional.empty();
      }
      Instant now = clock.instant();
      // Given up in the meantime, as it fell too far behind.
      boolean current = pending.filter(it -> it.position() == tried.position()).isPresent();
      Verdict verdict =
          patience.judge(reply, tried.tries(), tried.begun().orElse(now), now, random.nextDouble());
      switch (verdict) {
        case Verdict.Delivered() -> {
          error = "";
          errorAt = "";
          deliveredNow++;
          long place = Math.max(bookmark.place(), tried.position());
          keep(bookmark.delivered(place, tried.id(), now));
        }
        case Verdict.Again(Instant at, String why) -> {
          failed(why, now);
          if (current) {
            pending = Optional.of(tried.again(at));
          } else {
            lose(bookmark.place(), 1, LATE);
          }
          return current ? Optional.of(at) : Optional.of(now);
        }
        case Verdict.Dead(String why) -> {
          failed(why, now);
          deadNow++;
          String said = tried.what().type() + " " + tried.id() + ": " + why;
          LOG.warn("webhook {}: given up {}", hook.name(), said);
          notes.note(DEAD, hook.name() + " " + said);
          keep(bookmark.dead(Math.max(bookmark.place(), tried.position()), now + " " + said));
        }
        case Verdict.Gone(String why) -> {
          failed(why, now);
          if (!current) {
            lose(bookmark.place(), 1, LATE);
          }
          stopped = why;
          LOG.warn("webhook {}: stopped, {}", hook.name(), why);
        }
      }
      if (current) {
        pending = Optional.empty();
      }
      return stopped.isEmpty() ? Optional.of(now) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void failed(String why, Instant now) {
    failed++;
    // Once for each reason: a receiver that is away for days fills no log.
    if (!error.equals(why)) {
      LOG.warn("webhook {}: not delivered to {}: {}", hook.name(), hook.place(), why);
    }
    error = why;
    errorAt = now.toString();
  }

  private void lose(long to, long number, String why) {
    lostNow += number;
    String said = clock.instant() + " " + why;
    LOG.warn("webhook {}: lost {}: {}", hook.name(), number, why);
    notes.note(LOST, hook.name() + " " + number + ": " + why);
    keep(bookmark.lost(to, number, said));
  }

  /** One that is ended writes no more: the file is its successor's. */
  private void keep(Bookmark changed) {
    if (ended) {
      return;
    }
    bookmark = changed;
    try {
      changed.write(file);
      written = changed;
    } catch (IOException e) {
      // What is on the disk is further back: after a restart it is told again, by the same ids.
      LOG.warn("webhook {}: its place is not kept: {}", hook.name(), e.getMessage());
      error = "its place cannot be kept: " + e.getMessage();
      errorAt = clock.instant().toString();
    }
  }

  /**
   * The durable place behind which nothing of the journal is needed any more, once what is more
   * than so many bytes back was given up, and counted.
   */
  long floor(long mostBehind) {
    lock.lock();
    try {
      if (ended) {
        return written.place();
      }
      if (pending.isEmpty() && stopped.isEmpty()) {
        var _ = due();
      }
      long limit = store.present() - mostBehind;
      long from = bookmark.place();
      long number = 0;
      while (from < limit) {
        Store.Following next = store.next(from, fact -> wants(fact), Integer.MAX_VALUE, LOOKED);
        number += next.facts().size();
        if (next.end() == from) {
          break;
        }
        from = next.end();
      }
      long to = from;
      // What is being sent now may arrive; it counts once that is known.
      if (pending.filter(it -> it.position() <= to && isSent(it)).isPresent()) {
        number--;
      }
      if (from > bookmark.place()) {
        pending = pending.filter(it -> it.position() > to);
      }
      if (number > 0) {
        lose(to, number, "it was more than " + (mostBehind >> 20) + " MB of the journal behind");
      } else if (written.place() < Math.max(from, bookmark.place())) {
        keep(bookmark.passed(Math.max(from, bookmark.place())));
      }
      return written.place();
    } finally {
      lock.unlock();
    }
  }

  private boolean isSent(Pending one) {
    return sending.isPresent() && sending.getAsLong() == one.position();
  }

  /** Sends something that is in no journal, at once and once. */
  Reply ping(String id) {
    Happening ping = new Happening(Happening.PING, clock.instant(), Map.of());
    Reply reply = sender.send(id, ping.body(cluster.get()));
    if (reply instanceof Reply.Answered answered && answered.status() / 100 == 2) {
      resume();
    }
    return reply;
  }

  /** Goes on at once, also where it was stopped. */
  void resume() {
    lock.lock();
    try {
      stopped = "";
      pending = pending.map(it -> it.again(clock.instant()));
    } finally {
      lock.unlock();
    }
  }

  /** What is under way counts no more: somebody else goes on from its place. */
  void end() {
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
  }

  /** How it stands; reads what waits in the journal. */
  HookStatus status() {
    lock.lock();
    try {
      Store.Following waiting =
          store.next(bookmark.place(), this::wants, MOST_COUNTED, Integer.MAX_VALUE);
      return new HookStatus(
          hook.name(),
          hook.place(),
          hook.events().isEmpty() ? WebhookSettings.EVENTS : hook.events(),
          hook.isInClear(),
          bookmark.delivered(),
          bookmark.dead(),
          bookmark.lost(),
          waiting.facts().size(),
          waiting.facts().isEmpty() ? "" : waiting.facts().getFirst().fact().at().toString(),
          bookmark.lastAt(),
          bookmark.lastId(),
          pending.map(Pending::tries).orElse(0),
          stopped.isEmpty() ? pending.flatMap(Pending::next).map(Instant::toString).orElse("") : "",
          error,
          errorAt,
          bookmark.lastDead(),
          bookmark.lastLost(),
          stopped);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What was counted since the start.
   *
   * @param failed tries
   * @param behind bytes of the journal
   */
  record Counts(String name, long delivered, long failed, long dead, long lost, long behind) {}

  Counts counts() {
    lock.lock();
    try {
      long behind = Math.max(0, store.present() - bookmark.place());
      return new Counts(hook.name(), deliveredNow, failed, deadNow, lostNow, behind);
    } finally {
      lock.unlock();
    }
  }
}
