// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.DrivenAppliance;
import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.Handling;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.lifecycle.Trouble;
import foundrybot.rig.simulate.Invariant.Violated;
import foundrybot.rig.simulate.World.Exchange;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Looks at a world from outside, and says which {@link Invariant} does not hold. What it knows it
 * has from machines, BMCs and answers, so that it does not believe what it is to judge.
 */
final class Watch {
  /** Where a node stood when it was last looked at. */
  private record Place(Stage stage, int run, int attempt, boolean rescue, Handling handling) {}

  /** What an answer to a machine says of where it stands from then on. */
  private record Acknowledged(int run, Stage stage) {}

  private static final Map<String, Stage> PROVED =
      Map.of(
          "report/installed", Stage.INSTALLED,
          "report/first-boot", Stage.FIRST_BOOT,
          "enroll", Stage.ENROLLED);

  private final Map<Mac, Place> places = new HashMap<>();
  private final Map<Mac, Integer> installs = new HashMap<>();
  private final Map<Mac, Acknowledged> acknowledged = new HashMap<>();
  private final SecretWatch secrets = new SecretWatch();
  private final Addresses addresses = new Addresses();

  /** The diagnosis that a node had last, but for that it is held: why is what came before. */
  private final Map<Mac, String> lastCodes = new HashMap<>();

  private final Set<Mac> resting = new HashSet<>();

  private final Alarms alarms = new Alarms();
  private final Map<Mac, Blame> blames = new LinkedHashMap<>();
  private final Set<Mac> touched = new LinkedHashSet<>();
  private final Set<Mac> arrived = new HashSet<>();
  private final Map<Mac, Duration> firstThere = new HashMap<>();
  private final Map<Mac, Map<String, Duration>> wrong = new HashMap<>();
  private final List<Duration> looks = new ArrayList<>();
  private final Set<String> saidAtEnd = new LinkedHashSet<>();
  private long checks;

  /**
   * A fault that was named.
   *
   * @param after from the moment at which the machine felt it to the right diagnosis
   * @param why the sentence
   * @param wrong which other codes were shown meanwhile, and how long
   */
  record Blame(Fault fault, String code, Duration after, String why, Map<String, Duration> wrong) {}

  long checks() {
    return checks;
  }

  Map<Mac, Blame> blames() {
    return blames;
  }

  /** Diagnoses that nodes without a fault had, and for how long at most. */
  Map<String, Duration> alarms() {
    return alarms.longest();
  }

  /** How long each status of the whole rack took, in real time. */
  List<Duration> looks() {
    return looks;
  }

  /** What the appliance said when it ended because it could not write, and in its status then. */
  List<String> saidAtEnd() {
    return List.copyOf(saidAtEnd);
  }

  boolean hasArrived(Mac mac) {
    return arrived.contains(mac);
  }

  /** When each node that was at the goal came there first. */
  Map<Mac, Duration> firstThere() {
    return firstThere;
  }

  int arrived() {
    return arrived.size();
  }

  /** A fact has become durable: its machine is looked at after this step. */
  void heard(World world, Fact fact) {
    Mac.parse(fact.mac()).ifPresent(touched::add);
    secrets.heard(world, fact);
  }

  /** An answer left the appliance. */
  void saw(World world, Exchange exchange) {
    secrets.saw(world, exchange);
    Stage stage = PROVED.get(exchange.path().replaceFirst("^/node/[^/]+/", ""));
    if (exchange.status() == 200 && stage != null) {
      Mac mac = exchange.machine().node().mac();
      world
          .appliance()
          .map(appliance -> appliance.state(mac).run())
          .ifPresent(run -> acknowledged.put(mac, new Acknowledged(run, stage)));
    }
  }

  /** The appliance has started from its files: who was told something finds it there. */
  void restarted(World world) {
    DrivenAppliance appliance = world.appliance().orElseThrow();
    acknowledged.forEach(
        (mac, was) -> {
          NodeState state = appliance.state(mac);
          if (state.run() == was.run() && state.stage().isBefore(was.stage())) {
            throw new Violated(
                Invariant.ACKNOWLEDGED_KEPT,
                world.machine(mac).node().name()
                    + " was answered that it is "
                    + was.stage()
                    + ", and after a start of the appliance it is "
                    + state.stage());
          }
        });
  }

  /** What was lost of these moves them back, and nobody was told of it. */
  void fellBack(Set<Mac> macs) {
    places.keySet().removeAll(macs);
    touched.addAll(macs);
  }

  /** The appliance's last words, and what its status says then: both are to name the full disk. */
  void failed(World world, String said) {
    checks++;
    if (!said.contains("No space left on device")) {
      throw new Violated(
          Invariant.DIAGNOSIS_NAMES_FAULT,
          "the appliance's own disk is full, and it ends with: " + said);
    }
    saidAtEnd.add(said);
    FleetStatus status = world.appliance().orElseThrow().status();
    ownDisk(world, status);
    saidAtEnd.add(status.appliance().why());
  }

  private static void ownDisk(World world, FleetStatus status) {
    String expected = world.isDiskFull() ? Trouble.APPLIANCE_DISK_FULL.code() : "";
    if (!status.appliance().code().equals(expected)) {
      throw new Violated(
          Invariant.DIAGNOSIS_NAMES_FAULT,
          "of the appliance itself its status says "
              + status.appliance()
              + " (expected: '"
              + expected
              + "')");
    }
  }

  /** After each step: those that something was heard of. */
  void step(World world) {
    if (!world.broken().isEmpty()) {
      throw new Violated(Invariant.NOTHING_BREAKS, String.valueOf(world.broken().getFirst()));
    }
    if (touched.isEmpty() || world.appliance().isEmpty()) {
      return;
    }
    DrivenAppliance appliance = world.appliance().get();
    for (Mac mac : touched) {
      VirtualMachine machine = world.machines().get(mac);
      if (machine != null) {
        look(appliance, machine, world.time().passed());
      }
    }
    touched.clear();
  }

  private void look(DrivenAppliance appliance, VirtualMachine machine, Duration passed) {
    checks++;
    Mac mac = machine.node().mac();
    NodeState state = appliance.state(mac);
    Place now =
        new Place(
            state.stage(), state.run(), state.attempt(), state.isInRescue(), state.handling());
    Place before = places.put(mac, now);
    if (before != null
        && before.run() == now.run()
        && before.attempt() == now.attempt()
        && before.rescue() == now.rescue()
        // A power cycle of the appliance's own begins an attempt, too.
        && before.handling().equals(now.handling())
        && now.stage().isBefore(before.stage())) {
      throw new Violated(
          Invariant.STAGE_FORWARD,
          machine.node().name() + " went from " + before.stage() + " back to " + now.stage());
    }
    Integer finished = installs.put(mac, machine.installs());
    if (machine.installs() > state.run()) {
      throw new Violated(
          Invariant.INSTALLED_ONCE,
          machine.node().name()
              + " has finished its disk "
              + machine.installs()
              + " times (before: "
              + finished
              + ") in run "
              + state.run());
    }
    if (state.isComplete()) {
      arrived.add(mac);
      firstThere.putIfAbsent(mac, passed);
    } else {
      arrived.remove(mac);
    }
  }

  /** Now and then: all nodes, since silence is no event. */
  void sweep(World world) {
    if (world.appliance().isEmpty()) {
      return;
    }
    long begun = System.nanoTime();
    FleetStatus status = world.appliance().get().status();
    looks.add(Duration.ofNanos(System.nanoTime() - begun));
    ownDisk(world, status);
    for (FleetStatus.NodeStatus node : status.nodes()) {
      checks++;
      boolean stuck = node.condition().equals(Condition.STUCK.toString());
      if (stuck
          && (node.diagnosis().code().isEmpty()
              || node.diagnosis().tries().isEmpty()
              || node.diagnosis().evidence().isEmpty())) {
        throw new Violated(
            Invariant.STUCK_EXPLAINED,
            node.name()
                + " is stuck at "
                + node.stage()
                + ", and its diagnosis is "
                + node.diagnosis());
      }
      lastLines(world, node);
      VirtualMachine machine = world.machine(Mac.parse(node.mac()).orElseThrow());
      if (!node.diagnosis().code().isEmpty()) {
        blame(world, machine, node);
      }
      alarms.look(
          machine.node().mac(),
          Optional.of(node.diagnosis().code()).filter(_ -> isFalse(machine, node)),
          world.time().passed(),
          said(node) + " (" + node.name() + ": " + machine.doing() + ")");
      rest(machine, node);
    }
  }

  /** Whether what is said of a node says it of a machine with which nothing is wrong. */
  private static boolean isFalse(VirtualMachine machine, FleetStatus.NodeStatus node) {
    String code = node.diagnosis().code();
    boolean ofOthers = machine.isCutOffByOthers() && code.equals(Trouble.NO_HANDSHAKE.code());
    // It did start over, time and again, though it was the appliance that kept it from coming on.
    boolean ofUs = machine.wasBrokenOff() && code.equals(Trouble.REINSTALL_LOOP.code());
    return machine.struckAt().isEmpty() && !code.isEmpty() && !ofOthers && !ofUs;
  }

  /** Who is stuck or held, and of whom nothing more is done by itself. */
  private void rest(VirtualMachine machine, FleetStatus.NodeStatus node) {
    Mac mac = machine.node().mac();
    String code = node.diagnosis().code();
    if (!code.isEmpty() && !code.equals(Trouble.HELD.code())) {
      lastCodes.put(mac, code);
    }
    if (code.isEmpty() || !node.next().isEmpty()) {
      resting.remove(mac);
    } else {
      resting.add(mac);
    }
  }

  private static String said(FleetStatus.NodeStatus node) {
    return node.condition()
        + " at "
        + node.stage()
        + ": "
        + node.diagnosis().code()
        + " "
        + node.why();
  }

  private static void lastLines(World world, FleetStatus.NodeStatus node) {
    if (!node.diagnosis().code().equals(Trouble.INSTALLER_SILENT.code())) {
      return;
    }
    Optional<String> last = world.machine(Mac.parse(node.mac()).orElseThrow()).logged();
    if (last.isPresent()
        && node.log().stream().noneMatch(said -> said.text().endsWith(last.get()))) {
      throw new Violated(
          Invariant.LAST_LINES_SHOWN,
          node.name() + " said " + last.get() + ", and its status shows " + node.log());
    }
  }

  private void blame(World world, VirtualMachine machine, FleetStatus.NodeStatus node) {
    Optional<Duration> struck = machine.struckAt();
    Mac mac = machine.node().mac();
    if (struck.isEmpty() || blames.containsKey(mac)) {
      return;
    }
    String code = node.diagnosis().code();
    Fault fault = machine.fault().orElseThrow();
    if (fault.codes(world.rack(), machine.struckFar()).contains(code)) {
      Duration after = world.time().passed().minus(struck.get());
      Map<String, Duration> others = wrong.getOrDefault(mac, Map.of());
      blames.put(mac, new Blame(fault, code, after, node.diagnosis().why(), others));
    } else {
      wrong
          .computeIfAbsent(mac, _ -> new TreeMap<>())
          .merge(code, Simulation.SWEEP, Duration::plus);
    }
  }

  /**
   * Whether nothing more is to be expected: who can has arrived, who cannot was blamed.
   *
   * @param toRest whether the latter are to be left to people, too
   */
  boolean isSettled(World world, boolean toRest) {
    return world.machines().values().stream()
        .allMatch(
            machine ->
                // A pool has another address for whom the first was taken.
                (arrived.contains(machine.node().mac()) && !machine.mayFailYet())
                    || machine.isUnheardOf()
                    || (machine.struckAt().isPresent()
                        && blames.containsKey(machine.node().mac())
                        && (!toRest || resting.contains(machine.node().mac()))));
  }

  /** At the end: everybody is where he belongs. */
  void conclude(World world) {
    FleetStatus status = world.appliance().orElseThrow().status();
    for (FleetStatus.NodeStatus node : status.nodes()) {
      end(world, node).judge();
    }
  }

  private End end(World world, FleetStatus.NodeStatus node) {
    Mac mac = Mac.parse(node.mac()).orElseThrow();
    VirtualMachine machine = world.machine(mac);
    Optional<Fault> felt = machine.struckAt().flatMap(_ -> machine.fault());
    boolean isUnheardOf =
        machine.isUnheardOf() && node.condition().equals(Condition.WAITING.toString());
    return new End(
        node.name(),
        felt,
        node.stage().equals(Stage.GOAL.toString()),
        machine.mayFailYet(),
        isUnheardOf,
        isFalse(machine, node),
        felt.map(fault -> fault.codes(world.rack(), machine.struckFar())).orElse(Set.of()),
        blames.containsKey(mac),
        node.diagnosis().code().isEmpty() ? "" : lastCodes.getOrDefault(mac, ""),
        said(node) + ", after " + Report.text(world.time().passed()),
        machine.doing());
  }

  /** A machine has its DHCPACK. */
  void acknowledged(World world, VirtualMachine machine, Inet4Address address, Duration lasts) {
    addresses.acknowledged(machine.node().mac(), address, lasts, world.time().passed());
  }

  /** A machine has declined the address. */
  void declined(VirtualMachine machine, Inet4Address address) {
    addresses.declined(machine.node().mac(), address);
  }
}
