// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.BmcSettings;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.logs.ConsoleText;
import foundrybot.appliance.logs.LogLine;
import foundrybot.appliance.logs.NodeLogs;
import foundrybot.appliance.power.BmcSource;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.power.PowerException;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.ConsoleListener;
import foundrybot.redfish.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the serial consoles of machines that are on their way, into their logs: from when they
 * are switched on until they are enrolled or stuck, and in rescue; of those whose rack file wants
 * it. Each has a connection of its own, so nothing that switches a machine waits for it; what goes
 * wrong is one note in the journal for each run, and tried again later and later.
 */
final class ConsoleLogs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleLogs.class);

  /** Consoles that are followed at once; the others have none meanwhile. */
  static final int MOST = 64;

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration LASTING = Duration.ofMinutes(1);
  private static final Duration ENDING = Duration.ofSeconds(3);

  /** What was given up, until one of both changes. */
  private record Hopeless(BmcSettings bmc, int run) {}

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final BmcSource bmcs;
  private final NodeLogs logs;
  private final Patience patience;
  private final InstantSource clock;
  // Nobody is followed any more once it is closed.
  private final ReentrantLock lock = new ReentrantLock();
  private final CountDownLatch end = new CountDownLatch(1);
  // Nodes of the rack file alone: bounded by it.
  private final Map<Mac, Following> following = new ConcurrentHashMap<>();
  private final Map<Mac, Hopeless> hopeless = new ConcurrentHashMap<>();
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  private ConsoleLogs(
      Fleet fleet, FlightRecorder recorder, PowerSetup power, NodeLogs logs, InstantSource clock) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.bmcs = power.bmcs();
    this.patience = power.patience();
    this.logs = logs;
    this.clock = clock;
  }

  /** Begins to look who is on its way. */
  static ConsoleLogs start(
      Fleet fleet, FlightRecorder recorder, PowerSetup power, NodeLogs logs, InstantSource clock) {
    ConsoleLogs consoles = new ConsoleLogs(fleet, recorder, power, logs, clock);
    consoles.workers.execute(consoles::run);
    return consoles;
  }

  private void run() {
    try {
      do {
        lookAnyway();
      } while (!end.await(LOOK.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookAnyway() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("consoles: a look failed", e);
    }
  }

  private void look() {
    following.forEach(
        (mac, one) -> {
          if (fleet.node(mac).filter(this::isWanted).isEmpty()) {
            one.stop();
          }
          one.ear.flushOld();
        });
    for (Node node : fleet.rack().nodes()) {
      if (following.size() >= MOST) {
        return;
      }
      if (!following.containsKey(node.mac())
          && isWanted(node)
          && !isHopeless(node)
          && mayBegin(node)
          && !begun(node)) {
        return;
      }
    }
  }

  /** Whether it is followed now; not if this is being closed. */
  private boolean begun(Node node) {
    lock.lock();
    try {
      if (end.getCount() == 0) {
        return false;
      }
      Following one = new Following(node);
      following.put(node.mac(), one);
      workers.execute(one::follow);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Beside the first log-in of a deployment a wrong password would count twice for the lock. */
  private boolean mayBegin(Node node) {
    boolean byLogIn = node.bmc().filter(bmc -> "ipmi".equals(bmc.url().getScheme())).isPresent();
    return !byLogIn || fleet.state(node.mac()).power().step() != PowerRun.Step.WANTED;
  }

  private boolean isWanted(Node node) {
    return node.bmc().filter(BmcSettings::console).isPresent()
        && isOnItsWay(fleet.state(node.mac()), clock.instant(), fleet.deadlines(node));
  }

  static boolean isOnItsWay(NodeState state, Instant now, Deadlines deadlines) {
    boolean begun = state.isInRescue() || !state.stage().isBefore(Stage.POWERING);
    Condition condition = state.condition(now, deadlines);
    return begun
        && !state.isAtRest()
        && condition != Condition.STUCK
        && condition != Condition.HELD;
  }

  private boolean isHopeless(Node node) {
    return now(node).equals(hopeless.get(node.mac()));
  }

  private Hopeless now(Node node) {
    return new Hopeless(node.bmc().orElseThrow(), fleet.state(node.mac()).run());
  }

  /** One node's, from here to the end of its way. */
  private final class Following {
    private final Node node;
    private final Ear ear;
    private final CountDownLatch over = new CountDownLatch(1);
    private boolean noted;

    Following(Node node) {
      this.node = node;
      this.ear = new Ear(node.mac(), over);
    }

    void stop() {
      over.countDown();
    }

    void follow() {
      try {
        Duration pause = patience.firstWait();
        Duration wait;
        do {
          ear.begins();
          Outcome<String> outcome = once();
          ear.flush();
          if (isFinal(outcome)) {
            hopeless.put(node.mac(), now(node));
            note(outcome.evidence() + "; not tried again in this run");
            return;
          }
          if (over.getCount() > 0) {
            note(outcome.evidence() + "; tried again, more and more rarely");
          }
          // One that ends at once is no better than one that does not begin.
          wait = ear.wasOfUse() ? patience.firstWait() : pause;
          pause = longer(wait);
        } while (!over.await(wait.toMillis(), TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.error("console of {}: not followed", node.mac(), e);
        hopeless.put(node.mac(), now(node));
      } finally {
        following.remove(node.mac(), this);
      }
    }

    private Outcome<String> once() {
      try (Bmc bmc = bmcs.open(node)) {
        return bmc.console(ear);
      } catch (PowerException e) {
        return new Outcome.Failed<>(
            new BmcFault(
                BmcFault.Kind.REFUSED,
                node.name(),
                "its console",
                String.valueOf(e.getMessage()),
                "correct it in the rack file"));
      }
    }

    private Duration longer(Duration pause) {
      Duration twice = pause.multipliedBy(2);
      return twice.compareTo(patience.longestWait()) < 0 ? twice : patience.longestWait();
    }

    private static boolean isFinal(Outcome<String> outcome) {
      return switch (outcome) {
        case Outcome.Done<String> _ -> false;
        case Outcome.Unsupported<String> _ -> true;
        case Outcome.Failed<String>(BmcFault fault) -> !fault.kind().mayPass();
      };
    }

    private void note(String what) {
      if (!noted) {
        noted = true;
        recorder.note(node.mac().toString(), "console.missing", what);
      }
    }
  }

  /** Writes what is heard into a node's log. */
  private final class Ear implements ConsoleListener {
    private final Mac mac;
    private final CountDownLatch over;
    private ConsoleText text = new ConsoleText();
    private long heardAt;
    private boolean heard;
    private volatile long openedAt;
    private volatile boolean opened;

    Ear(Mac mac, CountDownLatch over) {
      this.mac = mac;
      this.over = over;
    }

    /** The next connection. */
    synchronized void begins() {
      opened = false;
      heard = false;
    }

    /** Whether the connection has lasted, or brought something. */
    synchronized boolean wasOfUse() {
      return opened && (heard || System.nanoTime() - openedAt > LASTING.toNanos());
    }

    @Override
    public void opened(String how) {
      openedAt = System.nanoTime();
      opened = true;
      LOG.info("console followed mac={} {}", mac, how);
    }

    @Override
    public synchronized void heard(byte[] bytes) {
      heardAt = System.nanoTime();
      heard = true;
      text.take(bytes).forEach(this::write);
    }

    @Override
    public synchronized void missed(String why) {
      text.rest().ifPresent(this::write);
      write("[" + why + "]");
    }

    @Override
    public boolean wanted() {
      return over.getCount() > 0 && end.getCount() > 0;
    }

    /** A prompt, or the last words of a machine, have no end of a line. */
    synchronized void flushOld() {
      if (System.nanoTime() - heardAt > LOOK.toNanos()) {
        text.rest().ifPresent(this::write);
      }
    }

    /** The next connection begins in the middle of anything. */
    synchronized void flush() {
      text.rest().ifPresent(this::write);
      text = new ConsoleText();
    }

    private void write(String line) {
      logs.add(mac, LogLine.CONSOLE, line);
    }
  }

  /** Consoles are given back first, so that a BMC has them free at once. */
  @Override
  public void close() {
    lock.lock();
    try {
      end.countDown();
      following.values().forEach(Following::stop);
      workers.shutdown();
    } finally {
      lock.unlock();
    }
    try {
      if (!workers.awaitTermination(ENDING.toMillis(), TimeUnit.MILLISECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
