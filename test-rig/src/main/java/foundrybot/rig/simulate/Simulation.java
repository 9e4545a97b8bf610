// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.NodeState;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Plays one rack through, from {@code deploy} to where nothing more is to be expected. */
final class Simulation {
  static final Duration SWEEP = Duration.ofSeconds(5);

  /** What the appliance needs to close its ports; until then it answers. */
  private static final Duration ENDING = Duration.ofMillis(200);

  /**
   * What happens beside the machines' own faults.
   *
   * @param crashes when the appliance is killed, from the start on
   * @param down how long it stays down each time, until the service manager starts it again
   * @param full when its own disk has no room
   * @param limit virtual time after which it is over, whoever is still on his way
   * @param kills how often it is killed besides, at random points, with what its disk may lose then
   * @param toRest whether it goes on until the appliance does nothing more by itself about those
   *     that do not arrive, instead of until their fault was named
   */
  record Trouble(
      Weather weather,
      List<Duration> crashes,
      Duration down,
      FullDisk full,
      Duration limit,
      int kills,
      boolean toRest) {
    static final Trouble NONE =
        new Trouble(Weather.FAIR, List.of(), Duration.ofSeconds(10), Duration.ofHours(6));

    /** With room on the disk at all times. */
    Trouble(Weather weather, List<Duration> crashes, Duration down, Duration limit) {
      this(weather, crashes, down, FullDisk.NEVER, limit);
    }

    /** Without kills at random points. */
    Trouble(Weather weather, List<Duration> crashes, Duration down, FullDisk full, Duration limit) {
      this(weather, crashes, down, full, limit, 0, false);
    }

    /** The same, with so many kills at random points. */
    Trouble killed(int times) {
      return new Trouble(weather, crashes, down, full, limit, times, toRest);
    }

    /** The same, until nothing more is done. */
    Trouble untilRest() {
      return new Trouble(weather, crashes, down, full, limit, kills, true);
    }

    Trouble {
      crashes = List.copyOf(crashes);
    }
  }

  /**
   * What came out.
   *
   * @param violated the invariant that does not hold, with what was seen; empty if all do
   * @param digest of all events, in their order
   * @param last the newest events
   * @param faults of the nodes whose fault made itself felt
   * @param ends how often the appliance has ended because it could not write
   * @param saidAtEnd what it said then, each sentence once
   * @param alarms diagnoses that nodes without a fault had meanwhile, and for how long at most
   * @param looks how long each status of the whole rack took, in real time
   */
  record Result(
      Optional<Invariant.Violated> violated,
      int nodes,
      int arrived,
      Duration virtual,
      Duration real,
      long events,
      long checks,
      int crashes,
      int ends,
      List<String> saidAtEnd,
      String network,
      String digest,
      List<String> last,
      Map<Mac, Fault> faults,
      Map<Mac, Watch.Blame> blames,
      Map<String, Duration> alarms,
      List<Duration> looks,
      List<PhaseTimes> phases,
      List<Way> ways) {}

  /**
   * What became of one node.
   *
   * @param why empty where nothing is wrong
   * @param steps the first things that happened to it, with their times
   */
  record Way(
      String name,
      String stage,
      String condition,
      String code,
      String why,
      String tryNext,
      List<String> steps) {}

  private final World world;
  private final Watch watch = new Watch();
  private final EventLog log;
  private final Trouble trouble;
  private final Kills kills;
  private int crashes;
  private int ends;
  private boolean over;

  private Simulation(
      RackFile rack,
      Path folder,
      long seed,
      Trouble trouble,
      Map<Mac, Ailment> faults,
      Consumer<String> reader) {
    this.trouble = trouble;
    this.kills =
        new Kills(
            trouble.kills(), rack.appliance().dhcp() == DhcpMode.SERVER, new Random(seed * 31 + 5));
    this.log = new EventLog(reader);
    World[] made = new World[1];
    this.world =
        new World(
            new World.Plan(rack, folder, seed, trouble.weather(), trouble.full(), faults),
            log,
            new World.Watcher() {
              @Override
              public void saw(World.Exchange exchange) {
                watch.saw(made[0], exchange);
              }

              @Override
              public void failed(String said) {
                watch.failed(made[0], said);
                ends();
              }

              @Override
              public void acknowledged(
                  VirtualMachine machine, Inet4Address address, Duration lasts) {
                watch.acknowledged(made[0], machine, address, lasts);
              }

              @Override
              public void declined(VirtualMachine machine, Inet4Address address) {
                watch.declined(machine, address);
              }
            });
    made[0] = world;
    log.listen(fact -> watch.heard(world, fact));
  }

  /** What a program does first that simulates and nothing else. */
  static void alone() {
    // Only one of its threads runs at a time anyway; on one carrier they are spared the switch.
    System.setProperty("jdk.virtualThreadScheduler.parallelism", "1");
    // Hundreds of warnings about machines that are to fail would drown what is said.
    System.setProperty("logback.configurationFile", "foundrybot/rig/simulate/logback.xml");
  }

  /**
   * Plays it.
   *
   * @param folder an empty one, for the appliance's state
   * @param reader gets each event as a line
   */
  static Result run(
      RackFile rack,
      Path folder,
      long seed,
      Trouble trouble,
      Map<Mac, Ailment> faults,
      Consumer<String> reader) {
    Simulation simulation = new Simulation(rack, folder, seed, trouble, faults, reader);
    // From one virtual thread to another the word goes without the system's scheduler.
    FutureTask<Result> task = new FutureTask<>(simulation::run);
    Thread.ofVirtual().name("simulation").start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the simulation was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the simulation broke: " + e.getCause(), e.getCause());
    }
  }

  private Result run() {
    long begun = System.nanoTime();
    Optional<Invariant.Violated> violated = Optional.empty();
    try {
      begin();
      deploy();
      trouble.crashes().forEach(at -> world.time().after(at, this::crash));
      sweep();
      while (!over && step()) {
        watch.step(world);
      }
      watch.conclude(world);
    } catch (Invariant.Violated e) {
      violated = Optional.of(e);
    }
    return result(violated, Duration.ofNanos(System.nanoTime() - begun));
  }

  private boolean step() {
    try {
      return world.time().step();
    } catch (World.Killed e) {
      dies();
      return true;
    }
  }

  /** The appliance starts, and it is drawn where it dies next. */
  private void begin() {
    world.start();
    if (kills.areOver()) {
      return;
    }
    Kills.Next next = kills.next();
    if (next.point() != Kills.Point.BETWEEN_STEPS) {
      world.diesAt(next);
    }
    int start = world.starts();
    world
        .time()
        .after(
            next.latest(),
            () -> {
              if (world.starts() == start && world.appliance().isPresent()) {
                dies();
              }
            });
  }

  private void dies() {
    crashes++;
    kills.done();
    goesDown(world::losePower);
  }

  private void deploy() {
    List<Node> nodes = world.rack().nodes();
    world.time().after(Duration.ofSeconds(1), () -> world.deploy(nodes));
  }

  private void crash() {
    if (world.appliance().isEmpty()) {
      return;
    }
    crashes++;
    goesDown(
        () -> {
          world.kill();
          return Map.of();
        });
  }

  /** As {@code bootserver serve} does when its journal fails; who waits is answered first. */
  private void ends() {
    ends++;
    int start = world.starts();
    world
        .time()
        .after(
            ENDING,
            () -> {
              // It may have been killed meanwhile.
              if (world.starts() == start && world.appliance().isPresent()) {
                goesDown(
                    () -> {
                      world.end();
                      return Map.of();
                    });
              }
            });
  }

  /**
   * Until the service manager starts it again.
   *
   * @param how it ends; gives where machines stand of which something was lost
   */
  private void goesDown(Supplier<Map<Mac, NodeState>> how) {
    Map<Mac, NodeState> before = new LinkedHashMap<>(Replay.states(world));
    Map<Mac, NodeState> left = how.get();
    watch.fellBack(left.keySet());
    left.forEach((mac, state) -> before.computeIfPresent(mac, (_, _) -> state));
    world
        .time()
        .after(
            trouble.down(),
            () -> {
              begin();
              watch.restarted(world);
              Replay.compare(before, Replay.states(world));
            });
  }

  private void sweep() {
    watch.sweep(world);
    boolean late = world.time().passed().compareTo(trouble.limit()) >= 0;
    boolean settled = kills.areOver() && watch.isSettled(world, trouble.toRest());
    over = world.appliance().isPresent() && (late || settled);
    if (!over) {
      world.lookAfterStuckNodes();
      world.time().after(SWEEP, this::sweep);
    }
  }

  private Result result(Optional<Invariant.Violated> violated, Duration real) {
    List<Way> ways = new ArrayList<>();
    world
        .appliance()
        .ifPresent(
            appliance ->
                appliance
                    .status()
                    .nodes()
                    .forEach(
                        n ->
                            ways.add(
                                new Way(
                                    n.name(),
                                    n.stage(),
                                    n.condition(),
                                    n.diagnosis().code(),
                                    n.why(),
                                    n.tryNext(),
                                    world.machine(Mac.parse(n.mac()).orElseThrow()).steps()))));
    Map<Mac, Fault> felt = new LinkedHashMap<>();
    world
        .machines()
        .forEach(
            (mac, machine) -> {
              if (machine.struckAt().isPresent()) {
                felt.put(mac, machine.fault().orElseThrow());
              }
            });
    Result result =
        new Result(
            violated,
            world.machines().size(),
            watch.arrived(),
            world.time().passed(),
            real,
            log.events(),
            watch.checks(),
            crashes,
            ends,
            watch.saidAtEnd(),
            world.network().sent()
                + " datagrams, "
                + world.network().lost()
                + " lost, "
                + world.network().doubled()
                + " twice",
            log.digest(),
            log.last(),
            felt,
            watch.blames(),
            watch.alarms(),
            watch.looks(),
            PhaseTimes.of(world.rack(), watch.firstThere()),
            ways);
    world.close();
    return result;
  }
}
