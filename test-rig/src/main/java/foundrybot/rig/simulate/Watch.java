// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.DrivenAppliance;
import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Handling;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.appliance.lifecycle.Rescue;
import foundrybot.appliance.lifecycle.RunTokens;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.lifecycle.Trouble;
import foundrybot.rig.simulate.Invariant.Violated;
import foundrybot.rig.simulate.World.Exchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at a world from outside, and says which {@link Invariant} does not hold. What it knows it
 * has from machines, BMCs and answers, so that it does not believe what it is to judge.
 */
final class Watch {
  private static final Pattern TOKEN = Pattern.compile("/node/([0-9a-f]{32})");
  private static final Pattern SECRET = Pattern.compile("/node/([0-9a-f]{32})/([^/]+)");
  private static final Pattern MEDIUM = Pattern.compile("/media/([0-9a-f]{64})/boot/[^/]+");
  private static final Pattern ACKNOWLEDGED = Pattern.compile("/node/[^/]+/(report/.*|enroll)");
  private static final Set<String> NOT_SECRET = Set.of("enroll", "mesh");

  /** Where a node stood when it was last looked at. */
  private record Place(Stage stage, int run, int attempt, boolean rescue, Handling handling) {}

  private final Map<Mac, Place> places = new HashMap<>();
  private final Map<Mac, Integer> installs = new HashMap<>();
  private final Map<Mac, Duration> moved = new HashMap<>();
  private final Set<Mac> scripted = new HashSet<>();
  private final Map<String, Mac> owners = new HashMap<>();

  /** Who has started from the medium of a token, by its SHA-256. */
  private final Map<String, Mac> media = new HashMap<>();

  private final Map<String, Mac> holders = new HashMap<>();
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
    if (fact.kind().equals(FactKind.POWER_ASKED.text())
        || fact.kind().equals(FactKind.WINDOW_ARMED.text())) {
      Mac.parse(fact.mac())
          .ifPresent(
              mac -> {
                moved.put(mac, world.time().passed());
                scripted.remove(mac);
              });
    }
  }

  /** An answer left the appliance. */
  void saw(World world, Exchange exchange) {
    if (exchange.status() != 200) {
      return;
    }
    Mac mac = exchange.machine().node().mac();
    if (world.isFailing() && ACKNOWLEDGED.matcher(exchange.path()).matches()) {
      throw new Violated(
          Invariant.ACKNOWLEDGED_KEPT,
          exchange.machine().node().name()
              + " was told that its "
              + exchange.path().replaceFirst("/node/[^/]+/", "")
              + " was taken, when nothing could be written");
    }
    if (exchange.path().startsWith("/boot/")) {
      Matcher token = TOKEN.matcher(new String(exchange.body(), StandardCharsets.UTF_8));
      while (token.find()) {
        owners.put(token.group(1), mac);
        inWindow(world, exchange.machine(), "a script with its token");
        if (scripted.add(mac)) {
          // It has come to that stage; who asks again has not moved.
          moved.put(mac, world.time().passed());
        }
      }
      return;
    }
    Matcher medium = MEDIUM.matcher(exchange.path());
    if (medium.matches()) {
      media.putIfAbsent(medium.group(1), mac);
    }
    Matcher path = SECRET.matcher(exchange.path());
    if (!path.matches() || NOT_SECRET.contains(path.group(2))) {
      progressed(world, exchange, mac);
      return;
    }
    inWindow(world, exchange.machine(), path.group(2));
    Optional<Mac> owner = owner(path.group(1));
    if (!owner.equals(Optional.of(mac))) {
      throw new Violated(
          Invariant.SECRET_TO_ONE,
          path.group(2)
              + " of "
              + owner.map(Mac::toString).orElse("nobody")
              + " was given to "
              + exchange.machine().node().name());
    }
    Mac holder = holders.putIfAbsent(path.group(1) + path.group(2), mac);
    if (holder != null && !holder.equals(mac)) {
      throw new Violated(
          Invariant.SECRET_TO_ONE,
          path.group(2)
              + " was given to "
              + holder
              + " and to "
              + exchange.machine().node().name());
    }
    moved.put(mac, world.time().passed());
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

  /** Who fetches and reports under its token moves. */
  private void progressed(World world, Exchange exchange, Mac mac) {
    if (exchange.path().startsWith("/node/") || exchange.path().startsWith("/media/")) {
      moved.put(mac, world.time().passed());
    }
  }

  /** Who had that token first; one of a medium was never said, so it is known by its digest. */
  private Optional<Mac> owner(String token) {
    return Optional.ofNullable(owners.get(token))
        .or(() -> Optional.ofNullable(media.get(digest(token))));
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void inWindow(World world, VirtualMachine machine, String what) {
    if (!world.hasBmc(machine.node())) {
      return;
    }
    Duration last = moved.get(machine.node().mac());
    if (last == null) {
      throw new Violated(
          Invariant.SECRET_IN_WINDOW,
          machine.node().name() + " got " + what + ", and nobody has deployed it");
    }
    Duration counted = world.counted(last, PowerRun.WINDOW);
    if (world.time().passed().minus(counted).compareTo(PowerRun.WINDOW) > 0) {
      throw new Violated(
          Invariant.SECRET_IN_WINDOW,
          machine.node().name()
              + " got "
              + what
              + " "
              + world.time().passed().minus(last)
              + " after it last moved");
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
      if (!node.diagnosis().code().isEmpty()) {
        blame(world, world.machine(Mac.parse(node.mac()).orElseThrow()), node);
      }
    }
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
    if (fault.codes(world.rack()).contains(code)) {
      Duration after = world.time().passed().minus(struck.get());
      Map<String, Duration> others = wrong.getOrDefault(mac, Map.of());
      blames.put(mac, new Blame(fault, code, after, node.diagnosis().why(), others));
    } else {
      wrong
          .computeIfAbsent(mac, _ -> new TreeMap<>())
          .merge(code, Simulation.SWEEP, Duration::plus);
    }
  }

  /** Whether nothing more is to be expected: who can has arrived, who cannot was blamed. */
  boolean isSettled(World world) {
    return world.machines().values().stream()
        .allMatch(
            machine ->
                // A pool has another address for whom the first was taken.
                (arrived.contains(machine.node().mac()) && !machine.mayFailYet())
                    || (machine.struckAt().isPresent()
                        && blames.containsKey(machine.node().mac())));
  }

  /** At the end: everybody is where he belongs. */
  void conclude(World world) {
    FleetStatus status = world.appliance().orElseThrow().status();
    for (FleetStatus.NodeStatus node : status.nodes()) {
      VirtualMachine machine = world.machine(Mac.parse(node.mac()).orElseThrow());
      boolean struck = machine.struckAt().isPresent();
      boolean there = node.stage().equals(Stage.GOAL.toString());
      if (!struck && !there) {
        throw new Violated(
            Invariant.HEALTHY_ARRIVE,
            node.name()
                + " is "
                + node.condition()
                + " at "
                + node.stage()
                + " after "
                + world.time().passed()
                + " ("
                + machine.doing()
                + "); "
                + node.why());
      }
      if (struck && (!there || machine.mayFailYet()) && !blames.containsKey(machine.node().mac())) {
        throw new Violated(
            Invariant.DIAGNOSIS_NAMES_FAULT,
            node.name()
                + " has "
                + machine.fault().orElseThrow()
                + " (expected: "
                + machine.fault().orElseThrow().codes(world.rack())
                + "), and the appliance says "
                + node.condition()
                + " at "
                + node.stage()
                + ": "
                + node.diagnosis().code()
                + " "
                + node.why());
      }
    }
  }

  /** Where all nodes stand, to be compared after a restart. */
  static Map<Mac, NodeState> states(World world) {
    Map<Mac, NodeState> states = new LinkedHashMap<>();
    for (Node node : world.rack().nodes()) {
      states.put(node.mac(), world.appliance().orElseThrow().state(node.mac()));
    }
    return states;
  }

  /**
   * All of a node's state that decides anything. Evidence that moved nobody is not read again, so
   * the last words about a node may be older after a restart; and who is only planned has been so
   * since the start, whenever that was.
   */
  private record Standing(
      Stage stage,
      int run,
      int attempt,
      Instant since,
      Instant progressAt,
      Optional<String> failure,
      RunTokens tokens,
      Identity identity,
      PowerRun power,
      Optional<Rescue> rescue,
      Handling handling) {
    static Standing of(NodeState state) {
      return new Standing(
          state.stage(),
          state.run(),
          state.attempt(),
          state.stage() == Stage.PLANNED ? Instant.EPOCH : state.since(),
          state.progressAt(),
          state.failure(),
          state.tokens(),
          state.identity(),
          state.power(),
          state.rescue(),
          state.handling());
    }
  }

  /** A node of which nothing was heard stands where it stands since the start. */
  static void replayed(Map<Mac, NodeState> before, Map<Mac, NodeState> after) {
    before.forEach(
        (mac, was) -> {
          NodeState is = after.getOrDefault(mac, NodeState.planned(was.since()));
          boolean nothing = was.equals(NodeState.planned(was.since()));
          boolean same =
              nothing
                  ? NodeState.planned(is.since()).equals(is)
                  : Standing.of(was).equals(Standing.of(is));
          if (!same) {
            throw new Violated(
                Invariant.REPLAY_EQUALS, mac + " was " + was + ", and is " + is + " after replay");
          }
        });
  }
}
