// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.answerfiles.WebhookSettings;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.metrics.Exposition;
import foundrybot.appliance.metrics.Metric;
import foundrybot.appliance.notify.Patience.Reply;
import foundrybot.appliance.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All receivers of the rack file in force; each has a thread of its own. */
public final class Couriers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Couriers.class);

  /**
   * How often it is looked whether a further try is due: by a clock that need not be the world's.
   */
  private static final long LOOK_MS = 200;

  /** A step that failed for reasons of ours is not taken again at once. */
  private static final long AFTER_FAULT_MS = 5_000;

  private static final long REST_MS = 10_000;

  /** One that runs. */
  private static final class Running {
    private final Courier courier;
    private volatile boolean ended;
    private boolean news = true;

    private Running(Courier courier) {
      this.courier = courier;
    }

    private void end() {
      ended = true;
      courier.end();
    }
  }

  private final Path folder;
  private final Store store;
  private final HookSetup setup;
  private final Supplier<String> cluster;
  private final BiConsumer<String, String> notes;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Running> running = new LinkedHashMap<>();

  /**
   * Tells nobody yet.
   *
   * @param data the folder of all durable state; the places are in {@code webhooks} there
   * @param notes takes the kind and the detail of a fact of the appliance as a whole
   */
  public Couriers(
      Path data,
      Store store,
      HookSetup setup,
      Supplier<String> cluster,
      BiConsumer<String, String> notes,
      InstantSource clock,
      RandomGenerator random) {
    this.folder = data.resolve("webhooks");
    this.store = store;
    this.setup = setup;
    this.cluster = cluster;
    this.notes = notes;
    this.clock = clock;
    this.random = random;
  }

  /** Puts these in force, in place of those before; who was stopped is asked once more. */
  public void replace(List<WebhookSettings> hooks) {
    hooks.stream()
        .filter(WebhookSettings::isInClear)
        .forEach(
            hook ->
                LOG.warn(
                    "webhook {}: IN CLEAR: whoever is on the way to {} reads what happens here"
                        + " (expected: an https URL)",
                    hook.name(),
                    hook.place()));
    lock.lock();
    try {
      Map<String, Running> before = new LinkedHashMap<>(running);
      running.clear();
      for (WebhookSettings hook : hooks) {
        Running old = before.remove(hook.name());
        if (old != null && old.courier.hook().equals(hook)) {
          old.courier.resume();
          old.news = true;
          running.put(hook.name(), old);
        } else {
          // It must not write its place any more when the new one reads it.
          Optional.ofNullable(old).ifPresent(Running::end);
          running.put(hook.name(), begun(hook));
        }
      }
      before.values().forEach(Running::end);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Running begun(WebhookSettings hook) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made", e);
    }
    Sender sender = new Sender(hook, setup, folder.resolve("known"), clock);
    Running one =
        new Running(
            new Courier(
                hook,
                store,
                folder.resolve(hook.name() + ".place"),
                sender,
                setup.patience(),
                cluster,
                notes::accept,
                clock,
                random));
    Thread.ofVirtual().name("webhook-" + hook.name()).start(() -> run(one));
    return one;
  }

  private void run(Running one) {
    try {
      while (!one.ended) {
        long wait = REST_MS;
        try {
          Optional<Instant> next = one.courier.step();
          wait = next.map(at -> at.isAfter(clock.instant()) ? LOOK_MS : 0L).orElse(REST_MS);
        } catch (RuntimeException e) {
          LOG.error("webhook {}: a step failed", one.courier.hook().name(), e);
          wait = AFTER_FAULT_MS;
        }
        await(one, wait);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until then, or until there are more facts. */
  private void await(Running one, long milliseconds) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(milliseconds);
      while (left > 0 && !one.ended && !(one.news && milliseconds == REST_MS)) {
        left = changed.awaitNanos(left);
      }
      one.news = false;
    } finally {
      lock.unlock();
    }
  }

  /** Whether anybody is told anything. */
  public boolean isWanted() {
    lock.lock();
    try {
      return !running.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** A fact is durable; never waits for a receiver. */
  public void heard(Fact fact) {
    if (!isWanted() || Happening.of(fact).isEmpty()) {
      return;
    }
    lock.lock();
    try {
      running.values().forEach(one -> one.news = true);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private List<Courier> couriers() {
    lock.lock();
    try {
      return running.values().stream().map(one -> one.courier).toList();
    } finally {
      lock.unlock();
    }
  }

  /** How it stands with each, in the order of the rack file; reads the journal. */
  public List<HookStatus> list() {
    return couriers().stream().map(Courier::status).toList();
  }

  /**
   * What came of a ping.
   *
   * @param accepted whether the receiver took it
   * @param said in words, without the receiver's name
   */
  public record Ping(boolean accepted, String said) {}

  /** Sends a ping to one, once; empty if there is none of that name. */
  public Optional<Ping> test(String name) {
    Optional<Courier> courier =
        couriers().stream().filter(one -> one.hook().name().equals(name)).findFirst();
    if (courier.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = new byte[12];
    random.nextBytes(bytes);
    String id = "msg_" + HexFormat.of().formatHex(bytes);
    Ping ping =
        switch (courier.get().ping(id)) {
          case Reply.Answered answered ->
              new Ping(
                  answered.status() / 100 == 2,
                  ("answered " + answered.status() + " " + answered.said()).strip());
          case Reply.Unanswered(String why) -> new Ping(false, "no answer: " + why);
        };
    lock.lock();
    try {
      running.values().forEach(one -> one.news = true);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return Optional.of(ping);
  }

  /**
   * The place of the journal up to which nobody needs it any more; who is too far behind loses what
   * is before, and it is said how many.
   */
  public long floor() {
    return couriers().stream()
        .mapToLong(one -> one.floor(setup.mostBehind()))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** Adds what was counted since the start. */
  public void putInto(Exposition page) {
    for (Courier courier : new ArrayList<>(couriers())) {
      Courier.Counts counts = courier.counts();
      page.add(Metric.WEBHOOK_DELIVERIES, counts.delivered(), counts.name(), "delivered")
          .add(Metric.WEBHOOK_DELIVERIES, counts.failed(), counts.name(), "failed")
          .add(Metric.WEBHOOK_DELIVERIES, counts.dead(), counts.name(), "dead")
          .add(Metric.WEBHOOK_LOST, counts.lost(), counts.name())
          .add(Metric.WEBHOOK_BEHIND, counts.behind(), counts.name());
    }
  }

  /** Begins nothing more; what is under way is told again after a restart. */
  @Override
  public void close() {
    lock.lock();
    try {
      running.values().forEach(Running::end);
      running.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
