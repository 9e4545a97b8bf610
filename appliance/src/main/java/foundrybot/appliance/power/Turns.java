// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose turn it is: one command at a time for each BMC, with a gap behind it, as small processors
 * need one, and only so many BMCs at once. A command line that speaks to a BMC by itself has its
 * turn, too.
 */
final class Turns {
  /** How often who waits for a command line looks whether that has ended. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** How often who waits for another program looks whether that has given the BMC back. */
  private static final Duration GLANCE = Duration.ofMillis(250);

  /** Longer than any command line has a BMC: an hour of --wait, and what is asked beside it. */
  private static final Duration LONGEST = Duration.ofMinutes(70);

  private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

  /** Below that nothing is said of a command: it is answered before anybody has read it. */
  private static final Duration WORTH_A_WORD = Duration.ofSeconds(5);

  /**
   * What one node's BMC is told or asked.
   *
   * @param begun whether it is its turn
   */
  private record Saying(String node, String what, Instant since, boolean begun) {
    String text() {
      return "'" + what + "' for " + node + " since " + since.truncatedTo(ChronoUnit.SECONDS);
    }
  }

  /**
   * A command line has the BMC.
   *
   * @param until when it is taken for ended, should it not say so
   */
  private record Kept(Mac mac, Saying saying, Instant until) {}

  /** One BMC; the machines of a chassis share it. */
  private static final class Line {
    private final ReentrantLock lock = new ReentrantLock(true);
    private Instant next = Instant.EPOCH;
    private volatile @Nullable Saying now;
    private volatile @Nullable Kept kept;

    /** What another program does with it. */
    private volatile @Nullable String elsewhere;

    Optional<Kept> kept(Instant at) {
      return Optional.ofNullable(kept).filter(it -> at.isBefore(it.until()));
    }

    /** What it is busy with, for people. */
    Optional<String> busyWith(Instant at) {
      return busy(at).map(Saying::text).or(() -> Optional.ofNullable(elsewhere));
    }

    /** What this appliance or a command line that has told it so does with it. */
    Optional<Saying> busy(Instant at) {
      return kept(at).map(Kept::saying).or(() -> Optional.ofNullable(now));
    }
  }

  // At most one for each BMC of the rack file.
  private final Map<String, Line> lines = new ConcurrentHashMap<>();
  // At most one for each node of the rack file.
  private final Map<Mac, Saying> sayings = new ConcurrentHashMap<>();
  private final Places places;
  private final Duration gap;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;
  private final Function<Node, Optional<URI>> urls;
  private final BmcLocks locks;
  private final AtomicBoolean warned = new AtomicBoolean();

  /**
   * Everybody's.
   *
   * @param urls where a node's BMC is
   * @param locks that keep other programs from it
   */
  Turns(
      Places places,
      Duration gap,
      InstantSource clock,
      WakeOnLan.Pause pause,
      Function<Node, Optional<URI>> urls,
      BmcLocks locks) {
    this.urls = urls;
    this.locks = locks;
    this.places = places;
    this.gap = gap;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Says one thing to a node's BMC when it is its turn.
   *
   * @param what it is, for people
   * @throws PowerException if another program has the BMC for more than an hour
   * @throws InterruptedException if the appliance ends, also during the command, whose outcome then
   *     says nothing of the BMC
   */
  <T> T say(Node node, String what, Supplier<T> command) throws InterruptedException {
    Line line = line(node);
    sayings.put(node.mac(), new Saying(node.name(), what, clock.instant(), false));
    try {
      line.lock.lockInterruptibly();
      try {
        awaitKeeper(line);
        Duration wait = Duration.between(clock.instant(), line.next);
        if (wait.isPositive()) {
          pause.pause(wait);
        }
        try (BmcLocks.Held _ = alone(node, line, what);
            Places.Lease _ = places.take()) {
          Saying now = new Saying(node.name(), what, clock.instant(), true);
          line.now = now;
          sayings.put(node.mac(), now);
          T answer = command.get();
          if (Thread.interrupted()) {
            throw new InterruptedException("the appliance ends");
          }
          return answer;
        } finally {
          line.now = null;
          line.next = clock.instant().plus(gap);
        }
      } finally {
        line.lock.unlock();
      }
    } finally {
      sayings.remove(node.mac());
    }
  }

  /** Waits for who has the BMC without having told this appliance. */
  private BmcLocks.Held alone(Node node, Line line, String what) throws InterruptedException {
    Instant end = clock.instant().plus(LONGEST);
    try {
      while (true) {
        switch (locks.take(bmc(node), what + " " + node.name())) {
          case BmcLocks.Held held -> {
            held.problem()
                .filter(_ -> !warned.getAndSet(true))
                .ifPresent(why -> LOG.warn("{}", why));
            return held;
          }
          case BmcLocks.Busy(String with) -> {
            line.elsewhere = with;
            if (!clock.instant().isBefore(end)) {
              throw new PowerException(
                  node.name()
                      + ": its BMC is busy with "
                      + with
                      + " for more than an hour (expected: no longer than its --wait); end that"
                      + " process, then deploy again");
            }
          }
        }
        pause.pause(GLANCE);
      }
    } finally {
      line.elsewhere = null;
    }
  }

  private void awaitKeeper(Line line) throws InterruptedException {
    for (Optional<Kept> kept = line.kept(clock.instant());
        kept.isPresent();
        kept = line.kept(clock.instant())) {
      Duration left = Duration.between(clock.instant(), kept.get().until());
      pause.pause(left.compareTo(LOOK) < 0 ? left : LOOK);
    }
  }

  /**
   * Leaves a node's BMC to a command line, as soon as nothing is said to it.
   *
   * @param most after which that is taken for ended
   * @param patience how long is waited for what is under way
   * @return what the BMC is busy with, if it cannot be had; else nothing
   */
  Optional<String> keep(Node node, String what, Duration most, Duration patience)
      throws InterruptedException {
    Line line = line(node);
    if (!line.lock.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return Optional.of(line.busyWith(clock.instant()).orElse("another command"));
    }
    try {
      Instant now = clock.instant();
      Optional<Kept> before = line.kept(now);
      if (before.isPresent()) {
        return before.map(it -> it.saying().text());
      }
      line.kept = new Kept(node.mac(), new Saying(node.name(), what, now, true), now.plus(most));
      return Optional.empty();
    } finally {
      line.lock.unlock();
    }
  }

  /** The command line that had a node's BMC has ended. */
  void give(Node node) {
    Line line = line(node);
    Kept kept = line.kept;
    if (kept != null && kept.mac().equals(node.mac())) {
      line.kept = null;
    }
  }

  /** What a node's BMC is told or asked for some time already, or what that waits for. */
  Optional<String> now(Node node) {
    Instant now = clock.instant();
    return Optional.ofNullable(sayings.get(node.mac()))
        .filter(saying -> !now.isBefore(saying.since().plus(WORTH_A_WORD)))
        .map(saying -> text(saying, line(node), now));
  }

  private static String text(Saying saying, Line line, Instant now) {
    Instant since = saying.since().truncatedTo(ChronoUnit.SECONDS);
    return saying.begun()
        ? "asked its BMC '" + saying.what() + "' at " + since + ", and waits for the answer"
        : "waits since "
            + since
            + " to ask its BMC '"
            + saying.what()
            + "'"
            + line.busyWith(now).map(busy -> "; that is busy with " + busy).orElse("");
  }

  private Line line(Node node) {
    return lines.computeIfAbsent(bmc(node), _ -> new Line());
  }

  private String bmc(Node node) {
    return BmcLocks.bmc(urls.apply(node), node.mac());
  }
}
