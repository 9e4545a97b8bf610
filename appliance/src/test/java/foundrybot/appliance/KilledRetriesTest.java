// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.appliance.power.Deployments;
import foundrybot.appliance.power.Patience;
import foundrybot.appliance.store.Journal;
import foundrybot.appliance.store.Store;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Racks of simulated machines that hang, with deployments, retries and the journal of the product,
 * on a clock of the test's own. The appliance is killed inside this process: at a random fact the
 * journal has written it and tells nobody, neither that one nor any other, and a new appliance
 * starts on the files.
 */
@Tag("slow")
class KilledRetriesTest {
  private static final int KILLS = 200;

  /** Facts that an appliance lives for at most, where it is to be killed. */
  private static final int LONGEST_LIFE = 60;

  private static final List<String> ON_ITS_WAY =
      List.of(
          "dhcp.offer",
          "tftp.rrq",
          "token.minted",
          "token.used",
          "kernel.requested",
          "answer.served",
          "report.installed",
          "boot.local",
          "report.first-boot",
          "enrolled");

  /** Before which fact a machine may hang so that the appliance cycles it. */
  private static final List<Integer> HANGS = List.of(0, 1, 2, 3, 4, 5, 6, 8);

  private static final RackFile RACK = rack();

  @TempDir private Path folder = Path.of("");

  private static RackFile rack() {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
        power: { on-per-second: 100 }
        nodes:
          52:54:00:bb:00:01: { role: worker, name: w1, bmc: "http://10.0.0.1" }
          52:54:00:bb:00:02: { role: worker, name: w2, bmc: "http://10.0.0.2" }
          52:54:00:bb:00:03: { role: worker, name: w3, bmc: "http://10.0.0.3" }
        """
            .formatted("A".repeat(43));
    if (RackFiles.read(yaml, "rack.yaml") instanceof RackReading.Valid(RackFile rack)) {
      return rack;
    }
    throw new AssertionError(yaml);
  }

  /** A rack's whole way, and where it ends. */
  private static final class Course {
    private final TickingClock clock = new TickingClock();
    private final Map<String, Machine> machines = new TreeMap<>();
    private int kills;

    Course(long seed) {
      Random random = new Random(seed);
      for (Node node : RACK.nodes()) {
        List<Integer> hangs = new ArrayList<>();
        // One never hangs, so that too few fail at one stage to stop everything.
        for (int i = node.name().equals("w3") ? 0 : random.nextInt(6); i > 0; i--) {
          hangs.add(HANGS.get(random.nextInt(HANGS.size())));
        }
        machines.put(node.name(), new Machine(node, hangs, clock));
      }
    }

    Map<String, String> end(Path data, IntSupplier lifetime) {
      Life life = new Life(data, machines, clock, lifetime.getAsInt());
      try {
        for (int i = 0; !life.isOver(); i++) {
          Life now = life;
          assertTrue(i < 5000, () -> "it ends: " + ends(now));
          now.deployed();
          now.settles();
          machines.values().forEach(machine -> machine.run(now));
          now.retries.look();
          now.settles();
          clock.pass(Duration.ofMinutes(4));
          if (life.isDead()) {
            kills++;
            life.close();
            life = new Life(data, machines, clock, lifetime.getAsInt());
          }
        }
        return ends(life);
      } finally {
        life.close();
      }
    }

    private Map<String, String> ends(Life life) {
      Map<String, String> ends = new TreeMap<>();
      for (Node node : RACK.nodes()) {
        NodeState state = life.fleet.state(node.mac());
        Machine machine = requireNonNull(machines.get(node.name()));
        ends.put(
            node.name(),
            state.stage()
                + " "
                + state.condition(clock.instant())
                + " run "
                + state.run()
                + " cycles "
                + state.handling().cycles()
                + " boots "
                + machine.boots
                + " installs "
                + machine.installs);
      }
      return ends;
    }
  }

  @Test
  void theSameEndIsReachedWhereverTheApplianceIsKilled() {
    Random random = new Random(7);
    Map<String, Integer> seen = new TreeMap<>();
    int kills = 0;
    for (long seed = 1; kills < KILLS; seed++) {
      Course unharmed = new Course(seed);
      Map<String, String> end =
          unharmed.end(folder.resolve("unharmed-" + seed), () -> Integer.MAX_VALUE);
      Course killed = new Course(seed);
      assertEquals(
          end,
          killed.end(folder.resolve("killed-" + seed), () -> random.nextInt(LONGEST_LIFE)),
          "seed " + seed);
      kills += killed.kills;
      end.values().forEach(text -> seen.merge(text.replaceAll(" run.*", ""), 1, Integer::sum));
    }
    assertTrue(
        seen.keySet().stream().anyMatch(text -> text.startsWith("enrolled"))
            && seen.keySet().stream().anyMatch(text -> text.endsWith("held")),
        () -> "all ends were shown: " + seen);
  }

  /** A machine that outlives appliances: it waits where it is until its fact is acknowledged. */
  private static final class Machine implements Bmc {
    private final List<Integer> hangs;
    private final Node node;
    private PowerState state = PowerState.OFF;
    private int at;
    private int boots;
    private int installs;
    private Optional<Instant> forcedOff = Optional.empty();
    private final TickingClock clock;

    /**
     * Off.
     *
     * @param hangs at which fact it hangs in its first, second, ... boot
     */
    Machine(Node node, List<Integer> hangs, TickingClock clock) {
      this.node = node;
      this.hangs = hangs;
      this.clock = clock;
    }

    /** Goes as far as it gets with this appliance. */
    synchronized void run(Life life) {
      int end = boots <= hangs.size() && boots > 0 ? hangs.get(boots - 1) : ON_ITS_WAY.size();
      int network = ON_ITS_WAY.indexOf("boot.local");
      // With a finished disk it comes at least to the network: else nothing more would be done.
      if (boots > 1 && life.fleet.state(node.mac()).bootsFromDisk()) {
        end = Math.max(end, network + 1);
      }
      // Its disk does not start, so that it is at the network again, minutes later.
      if (state == PowerState.ON && at == end && at == network + 1) {
        life.heard(node, "boot.local", "");
        return;
      }
      while (state == PowerState.ON && at < end) {
        NodeState seen = life.fleet.state(node.mac());
        if (seen.hold().isPresent()) {
          return;
        }
        int installed = ON_ITS_WAY.indexOf("report.installed");
        if (at < installed && seen.bootsFromDisk()) {
          at = network;
          continue;
        }
        String kind = ON_ITS_WAY.get(at);
        boolean waits = kind.equals("token.minted") && seen.tokens().waiting().isPresent();
        assertTrue(at >= installed || seen.isWindowOpen(clock.instant()), "no secret is given");
        if (!waits && !life.heard(node, kind, detail(kind, seen))) {
          return;
        }
        installs += at == installed ? 1 : 0;
        at++;
      }
    }

    private String detail(String kind, NodeState seen) {
      return switch (kind) {
        case "token.minted" -> "hash-" + boots + " salt";
        case "token.used" -> "hash-" + boots + " linux";
        default -> seen.stage().toString();
      };
    }

    @Override
    public String describe() {
      return "switch";
    }

    @Override
    public synchronized Outcome<PowerState> power() {
      return new Outcome.Done<>(state, state.toString());
    }

    @Override
    public synchronized Outcome<PowerState> power(PowerAction action, Duration patience) {
      if (action == PowerAction.OFF) {
        forcedOff.ifPresent(
            last ->
                assertTrue(
                    !clock.instant().isBefore(last.plus(Duration.ofMinutes(15))), "too soon"));
        forcedOff = Optional.of(clock.instant());
      } else {
        assertEquals(PowerState.OFF, state, "one that is on is not told again");
        boots++;
        at = 0;
      }
      state = action.leadsTo();
      return new Outcome.Done<>(state, action.toString());
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Done<>(wanted, wanted.text());
    }

    @Override
    public void close() {}
  }

  /** One appliance, from its start to its end or its death. */
  private static final class Life implements AutoCloseable {
    final Fleet fleet;
    private final Store store;
    private final Journal journal;
    private final Deployments deployments;
    private final Retries retries;
    private final AtomicInteger left;
    private final TickingClock clock;

    Life(Path data, Map<String, Machine> machines, TickingClock clock, int lifetime) {
      this.left = new AtomicInteger(lifetime);
      this.clock = clock;
      this.store = Store.open(data);
      this.fleet = new Fleet(RACK, clock.instant());
      store.replay(FactKind.texts(), fleet::apply);
      this.journal =
          new Journal(
              store,
              fact -> {
                if (left.decrementAndGet() < 0) {
                  throw new IllegalStateException("killed at " + fact.kind());
                }
                fleet.apply(fact);
              },
              _ -> {});
      FlightRecorder recorder = new FlightRecorder(journal, fleet, clock);
      Duration soon = Duration.ofMillis(1);
      this.deployments =
          new Deployments(
              new FleetPower(fleet, recorder),
              node -> Optional.ofNullable(machines.get(node.name())).orElseThrow(),
              _ -> URI.create("http://10.77.0.1/none"),
              (_, _) -> URI.create("http://10.77.0.1/none"),
              new Patience(Duration.ofMinutes(5), soon, soon, soon, soon, soon, soon, soon),
              clock,
              clock::pass,
              BmcLocks.none(),
              Executors.newVirtualThreadPerTaskExecutor());
      this.retries = Retries.start(fleet, recorder, deployments, _ -> true, clock);
      deployments.resume(RACK.nodes());
    }

    boolean isDead() {
      return left.get() < 0;
    }

    boolean heard(Node node, String kind, String detail) {
      try {
        journal.append(new Fact(clock.instant(), node.mac().toString(), kind, detail)).get();
        return true;
      } catch (ExecutionException e) {
        return false;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** The operator's part; where the answer was lost it is asked for again. */
    private void deployed() {
      for (Node node : RACK.nodes()) {
        NodeState state = fleet.state(node.mac());
        if (state.stage() == Stage.PLANNED && state.power().step() == PowerRun.Step.NONE) {
          try {
            deployments.deploy(List.of(node), false).join();
          } catch (CompletionException e) {
            return;
          }
        }
      }
    }

    /** Until no BMC is spoken to. */
    private void settles() {
      for (int i = 0; !isDead() && isSwitching(); i++) {
        assertTrue(i < 100_000, "deployments end");
        LockSupport.parkNanos(100_000);
      }
    }

    private boolean isSwitching() {
      return RACK.nodes().stream()
          .map(node -> fleet.state(node.mac()))
          .anyMatch(state -> state.power().isUnderWay() && state.hold().isEmpty());
    }

    private boolean isOver() {
      return RACK.nodes().stream()
          .map(node -> fleet.state(node.mac()))
          .allMatch(state -> state.isComplete() || state.hold().isPresent());
    }

    @Override
    public void close() {
      retries.close();
      deployments.close();
      journal.close();
      store.close();
    }
  }
}
