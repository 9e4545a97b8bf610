// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.FleetStatus.Pending;
import foundrybot.appliance.FleetStatus.PhaseStatus;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NoticeKind;
import foundrybot.appliance.notify.Notice;
import foundrybot.appliance.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes in the journal that something stands otherwise than the journal last said, for those that
 * are told of it. What it said last is read from there, so that a kill neither hides a change nor
 * makes one up. While nobody is told anything, nothing is done.
 */
final class Announcer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

  /** How often at most; and how often though nothing was heard, as time alone makes one stuck. */
  private static final Duration GAP = Duration.ofMillis(200);

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Supplier<FleetStatus> status;
  private final FlightRecorder recorder;
  private final Store store;
  private final BooleanSupplier wanted;
  private final Map<String, Notice> said = new HashMap<>();
  private boolean read;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition heard = lock.newCondition();
  private boolean news;
  private boolean ended;

  private Announcer(
      Supplier<FleetStatus> status, FlightRecorder recorder, Store store, BooleanSupplier wanted) {
    this.status = status;
    this.recorder = recorder;
    this.store = store;
    this.wanted = wanted;
  }

  /**
   * Has looked once when it returns, so that whatever a machine does from then on is a change.
   *
   * @param wanted whether anybody is told anything
   */
  static Announcer start(
      Supplier<FleetStatus> status, FlightRecorder recorder, Store store, BooleanSupplier wanted) {
    Announcer announcer = new Announcer(status, recorder, store, wanted);
    announcer.look();
    Thread.ofVirtual().name("announcer").start(announcer::run);
    return announcer;
  }

  private void run() {
    try {
      while (waited()) {
        look();
        Thread.sleep(GAP);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean waited() throws InterruptedException {
    lock.lock();
    try {
      long left = LOOK.toNanos();
      while (!news && !ended && left > 0) {
        left = heard.awaitNanos(left);
      }
      news = false;
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /** A fact is durable, and the fleet knows it. */
  void heard(Fact fact) {
    if (NoticeKind.of(fact.kind()).isPresent()) {
      return;
    }
    lock.lock();
    try {
      news = true;
      heard.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Notes what has changed; returns when that is durable. */
  synchronized void look() {
    if (!wanted.getAsBoolean()) {
      return;
    }
    try {
      if (!read) {
        store.replay(NoticeKind.texts(), this::readSaid);
        read = true;
      }
      List<CompletableFuture<Void>> noted = new ArrayList<>();
      for (Change change : changes(said(), status.get())) {
        Notice notice = change.notice();
        noted.add(
            recorder
                .record(change.mac(), notice.kind().text(), notice.detail())
                .thenRun(() -> keep(change.mac(), notice)));
      }
      CompletableFuture.allOf(noted.toArray(CompletableFuture[]::new)).join();
    } catch (RuntimeException e) {
      // A store that fails stops the appliance; whatever else, the next look is in a second.
      LOG.error("changes cannot be noted for webhooks", e);
    }
  }

  private void readSaid(Fact fact) {
    Notice.of(fact).ifPresent(notice -> keep(fact.mac(), notice));
  }

  private Map<String, Notice> said() {
    synchronized (said) {
      return Map.copyOf(said);
    }
  }

  private void keep(String mac, Notice notice) {
    synchronized (said) {
      said.put(subject(mac, notice), notice);
    }
  }

  private static String subject(String mac, Notice notice) {
    return switch (notice) {
      case Notice.Stage _, Notice.Condition _, Notice.Cluster _ -> notice.kind() + " " + mac;
      case Notice.Phase phase -> notice.kind() + " " + phase.name();
    };
  }

  /**
   * What is to be noted.
   *
   * @param mac empty for what is of no machine
   */
  record Change(String mac, Notice notice) {}

  /** What stands otherwise now than was said, in the order of the rack. */
  static List<Change> changes(Map<String, Notice> before, FleetStatus now) {
    List<Change> changes = new ArrayList<>();
    for (NodeStatus node : now.nodes()) {
      stage(before, node).ifPresent(notice -> changes.add(new Change(node.mac(), notice)));
      condition(before, node).ifPresent(notice -> changes.add(new Change(node.mac(), notice)));
    }
    for (PhaseStatus phase : now.phases()) {
      phase(before, phase).ifPresent(notice -> changes.add(new Change("", notice)));
    }
    cluster(before, now).ifPresent(notice -> changes.add(new Change("", notice)));
    return changes;
  }

  private static Optional<Notice> stage(Map<String, Notice> said, NodeStatus node) {
    String from =
        said.get(NoticeKind.STAGE + " " + node.mac()) instanceof Notice.Stage stage
            ? stage.to()
            : Notice.UNKNOWN;
    return from.equals(node.stage())
        ? Optional.empty()
        : Optional.of(
            new Notice.Stage(node.name(), from, node.stage(), node.run(), node.attempt()));
  }

  private static Optional<Notice> condition(Map<String, Notice> said, NodeStatus node) {
    String from = Notice.UNKNOWN;
    String code = "";
    if (said.get(NoticeKind.CONDITION + " " + node.mac()) instanceof Notice.Condition last) {
      from = last.to();
      code = last.code();
    }
    return from.equals(node.condition()) && code.equals(node.diagnosis().code())
        ? Optional.empty()
        : Optional.of(
            new Notice.Condition(
                node.name(),
                from,
                node.condition(),
                node.stage(),
                node.run(),
                node.attempt(),
                node.diagnosis().code(),
                node.why(),
                node.tryNext()));
  }

  private static Optional<Notice> phase(Map<String, Notice> said, PhaseStatus phase) {
    String from =
        said.get(NoticeKind.PHASE + " " + phase.name()) instanceof Notice.Phase last
            ? last.to()
            : Notice.UNKNOWN;
    String by =
        phase.blockedBy().stream().map(Announcer::inWords).collect(Collectors.joining("; "));
    return from.equals(phase.state())
        ? Optional.empty()
        : Optional.of(
            new Notice.Phase(
                phase.name(), from, phase.state(), phase.ready(), phase.need(), phase.of(), by));
  }

  private static String inWords(Pending node) {
    return node.node() + ": " + node.why();
  }

  private static Optional<Notice> cluster(Map<String, Notice> said, FleetStatus now) {
    String from =
        said.get(NoticeKind.CLUSTER + " ") instanceof Notice.Cluster last
            ? last.to()
            : Notice.UNKNOWN;
    String to = now.complete() ? Notice.Cluster.COMPLETE : Notice.Cluster.INCOMPLETE;
    return from.equals(to)
        ? Optional.empty()
        : Optional.of(new Notice.Cluster(now.cluster(), from, to));
  }

  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      heard.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
