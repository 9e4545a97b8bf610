// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Brake;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.ConsoleWords;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Purpose;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.lifecycle.Trouble;
import foundrybot.appliance.logs.LogLine;
import foundrybot.appliance.phases.CheckResult;
import foundrybot.appliance.phases.PhaseState;
import foundrybot.appliance.phases.PhaseState.Standing;
import foundrybot.appliance.phases.Phases;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rack's state as data: what {@code bootserver status --json} prints.
 *
 * @param cluster its name
 * @param complete whether every node has reached the goal, and every phase is done
 * @param nodes in the order of the rack file
 * @param strangers machines that asked to boot and are not in the rack file, the latest first
 * @param rackFault why a changed rack file was refused; empty when the one on disk is in force
 * @param brake since when and why stuck nodes are no longer power-cycled; empty where they are
 * @param counters how often what happened on the wire since the start, by service and reason
 * @param phases those whose roles the rack has, in their order
 * @param appliance what is wrong with the appliance itself; its code is empty where nothing is
 */
public record FleetStatus(
    String cluster,
    boolean complete,
    List<NodeStatus> nodes,
    List<Stranger> strangers,
    String rackFault,
    String brake,
    Map<String, Long> counters,
    List<PhaseStatus> phases,
    Diagnosis appliance) {
  private static final Pattern REFUSED = Pattern.compile("\\.(malformed|refused)\\.|^journal\\.");

  /**
   * One node.
   *
   * @param since ISO-8601 instant at which it came to its stage
   * @param evidence the last thing heard of it
   * @param evidenceAt ISO-8601 instant of that
   * @param why empty unless it is stuck or waits for the operator
   * @param tryNext empty where why is
   * @param power how far switching it on is: none, wanted, asked, told, by-hand or refused
   * @param powerSaid what was asked or answered there last
   * @param rescue whether all of this is about a rescue, while the run waits
   * @param purpose what the machine is booted for while the run waits, such as rescue or inspect;
   *     empty in a run
   * @param access how the machine in rescue is reached, in its own words; else empty
   * @param next what the appliance is about to do by itself about a stuck node, or one whose BMC
   *     did not obey; else empty
   * @param diagnosis the whole of what why and tryNext begin; its code is empty where they are
   * @param progress how far it is in numbers
   * @param log the last lines of its log and of its console; empty unless it is stuck
   * @param labels those that the rack file has for the Kubernetes node, by key
   */
  public record NodeStatus(
      String name,
      String mac,
      String role,
      String profile,
      String stage,
      String condition,
      String since,
      String evidence,
      String evidenceAt,
      int run,
      int attempt,
      String why,
      String tryNext,
      String power,
      String powerSaid,
      boolean rescue,
      String purpose,
      String access,
      String next,
      Diagnosis diagnosis,
      NodeProgress progress,
      List<Said> log,
      Map<String, String> labels) {
    public NodeStatus {
      log = List.copyOf(log);
      labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /** The same without what time alone counts down. */
    NodeStatus withoutCountdown() {
      return new NodeStatus(
          name,
          mac,
          role,
          profile,
          stage,
          condition,
          since,
          evidence,
          evidenceAt,
          run,
          attempt,
          why,
          tryNext,
          power,
          powerSaid,
          rescue,
          purpose,
          access,
          next,
          diagnosis,
          progress.withoutCountdown(),
          log,
          labels);
    }
  }

  /**
   * A line of a log.
   *
   * @param at ISO-8601 instant at which it came
   * @param from the address that it came from; {@code console}: the machine's serial console
   */
  public record Said(String at, String from, String text) {}

  /**
   * A machine that asked to boot and is not in the rack file.
   *
   * @param at ISO-8601 instant at which it was last heard
   * @param said what it said about itself
   */
  public record Stranger(String mac, String at, String said) {}

  /**
   * One phase of the cluster.
   *
   * @param number counted from 1
   * @param state waiting, running, done or blocked
   * @param ready nodes that are enrolled and pass their checks
   * @param need how many of them let the next phase begin
   * @param of all nodes of its roles
   * @param blockedBy the nodes that block it; empty unless it is blocked
   * @param waitsFor nodes of a running one that are enrolled and do not pass their checks yet
   * @param roles whose nodes it has
   */
  public record PhaseStatus(
      int number,
      String name,
      String state,
      int ready,
      int need,
      int of,
      List<Pending> blockedBy,
      List<Pending> waitsFor,
      List<String> roles) {
    public PhaseStatus {
      roles = List.copyOf(roles);
      blockedBy = List.copyOf(blockedBy);
      waitsFor = List.copyOf(waitsFor);
    }

    private static PhaseStatus of(PhaseState phase, List<String> roles) {
      List<Pending> pending =
          phase.pending().stream().map(it -> new Pending(it.node(), it.why())).toList();
      return new PhaseStatus(
          phase.number(),
          phase.name(),
          phase.standing().toString(),
          phase.ready(),
          phase.need(),
          phase.of(),
          phase.standing() == Standing.BLOCKED ? pending : List.of(),
          phase.standing() == Standing.RUNNING ? pending : List.of(),
          roles);
    }
  }

  /** A node that is not ready, and why. */
  public record Pending(String node, String why) {}

  public FleetStatus {
    phases = List.copyOf(phases);
    nodes = List.copyOf(nodes);
    strangers = List.copyOf(strangers);
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /** Of an appliance with which nothing is wrong. */
  public FleetStatus(
      String cluster,
      boolean complete,
      List<NodeStatus> nodes,
      List<Stranger> strangers,
      String rackFault,
      String brake,
      Map<String, Long> counters,
      List<PhaseStatus> phases) {
    this(cluster, complete, nodes, strangers, rackFault, brake, counters, phases, Diagnosis.NONE);
  }

  /** The same, and this is wrong with the appliance itself. */
  FleetStatus with(Diagnosis ofAppliance) {
    return new FleetStatus(
        cluster, complete, nodes, strangers, rackFault, brake, counters, phases, ofAppliance);
  }

  /** What is going to be done about a node by itself. */
  @FunctionalInterface
  interface Next {
    String of(Node node, NodeState state, Instant now);
  }

  static FleetStatus of(
      Fleet fleet, Next next, String rackFault, Map<String, Long> counters, Instant now) {
    return of(fleet, next, _ -> List.of(), rackFault, counters, now);
  }

  /**
   * The rack as it is.
   *
   * @param logs the last lines of a node's log, without asking a disk for long
   */
  static FleetStatus of(
      Fleet fleet,
      Next next,
      Function<Mac, List<LogLine>> logs,
      String rackFault,
      Map<String, Long> counters,
      Instant now) {
    List<PhaseState> phases =
        Phases.of(
            fleet.rack(),
            fleet::state,
            fleet.gates()::of,
            node -> plain(node, fleet, now).map(Diagnosis::why).orElse(""),
            fleet.listening(),
            now);
    Map<String, String> blocking = new HashMap<>();
    Phases.unreached(fleet.rack(), fleet::state, fleet.gates()::of, fleet.listening(), now)
        .forEach(node -> blocking.put(node.node(), node.why()));
    blocking.putAll(blocking(phases));
    List<NodeStatus> nodes =
        fleet.rack().nodes().stream()
            .map(
                node ->
                    of(
                        node,
                        Optional.ofNullable(blocking.get(node.name())),
                        fleet,
                        next,
                        logs,
                        now))
            .toList();
    return new FleetStatus(
        fleet.rack().cluster(),
        fleet.isComplete() && phases.stream().allMatch(it -> it.standing() == Standing.DONE),
        nodes,
        fleet.strangers(),
        rackFault,
        stopped(fleet.brake()),
        counters,
        phases.stream().map(phase -> PhaseStatus.of(phase, roles(fleet, phase))).toList());
  }

  private static List<String> roles(Fleet fleet, PhaseState state) {
    return fleet.rack().phases().stream()
        .filter(phase -> phase.name().equals(state.name()))
        .flatMap(phase -> phase.roles().stream())
        .toList();
  }

  private static List<Said> said(List<LogLine> lines) {
    return lines.stream()
        .map(line -> new Said(line.at().toString(), line.from(), line.text()))
        .toList();
  }

  /** What its console said for certain since it was switched on. */
  private static List<String> onConsole(List<LogLine> lines, Instant since) {
    return lines.stream()
        .filter(line -> line.isConsole() && !line.at().isBefore(since))
        .flatMap(
            line ->
                ConsoleWords.of(line.text()).stream()
                    .map(
                        means ->
                            line.at() + " on its console: " + line.text() + " (" + means + ")"))
        .toList();
  }

  private static Optional<Diagnosis> plain(Node node, Fleet fleet, Instant now) {
    return Diagnosis.of(
        node.name(), fleet.state(node.mac()), now, fleet.deadlines(node), fleet.siteServers(node));
  }

  /** Which other node of the rack has what this one's BMC holds, or the other way round. */
  private static Optional<String> mixedUp(Diagnosis diagnosis, Node node, Fleet fleet) {
    if (!diagnosis.code().equals(Trouble.OTHER_MACHINE.code())) {
      return Optional.empty();
    }
    Identity own = fleet.state(node.mac()).identity();
    return fleet.rack().nodes().stream()
        .filter(other -> !other.mac().equals(node.mac()))
        .flatMap(
            other ->
                own
                    .mixedUpWith(
                        other.name(), other.mac().toString(), fleet.state(other.mac()).identity())
                    .stream())
        .findFirst();
  }

  /** Why nodes block their phase, by their names. */
  private static Map<String, String> blocking(List<PhaseState> phases) {
    return phases.stream()
        .filter(phase -> phase.standing() == Standing.BLOCKED)
        .flatMap(phase -> phase.pending().stream())
        .collect(Collectors.toMap(PhaseState.Pending::node, PhaseState.Pending::why));
  }

  /** Who has arrived may still not be what it is to be. */
  private static Diagnosis unproved(Node node, String why, Fleet fleet) {
    List<String> failed =
        fleet.gates().of(node.mac()).entrySet().stream()
            .filter(check -> !check.getValue().passed())
            .map(check -> failed(check.getKey(), check.getValue()))
            .sorted()
            .toList();
    return Diagnosis.ofCheck(node.name(), why, failed);
  }

  private static String failed(String check, CheckResult result) {
    String said = result.said().isEmpty() ? "" : ": " + result.said();
    return result.since() + " check " + check + " failed" + said;
  }

  private static NodeStatus of(
      Node node,
      Optional<String> blocking,
      Fleet fleet,
      Next next,
      Function<Mac, List<LogLine>> logs,
      Instant now) {
    NodeState state = fleet.state(node.mac());
    Deadlines deadlines = fleet.deadlines(node);
    boolean stuck = state.condition(now, deadlines) == Condition.STUCK;
    Diagnosis diagnosis =
        plain(node, fleet, now)
            .map(plain -> plain.with(onConsole(logs.apply(node.mac()), state.power().at())))
            .map(plain -> plain.saying(mixedUp(plain, node, fleet)))
            .or(
                () ->
                    blocking.filter(_ -> state.isComplete()).map(why -> unproved(node, why, fleet)))
            .orElse(Diagnosis.NONE);
    return new NodeStatus(
        node.name(),
        node.mac().toString(),
        node.role().name(),
        node.profile().name(),
        state.stage().toString(),
        state.condition(now, deadlines).toString(),
        state.since().toString(),
        state.evidence(),
        state.evidenceAt().toString(),
        state.run(),
        state.attempt(),
        diagnosis.why(),
        diagnosis.tryNext(),
        state.power().step().toString(),
        state.power().said(),
        state.purpose().equals(Optional.of(Purpose.RESCUE)),
        state.purpose().map(Purpose::toString).orElse(""),
        state.access(),
        stuck ? next.of(node, state, now) : goesOn(node, state, next, now),
        diagnosis,
        NodeProgress.of(
            Fleet.kind(node),
            state,
            fleet.way(node.mac()),
            fleet.pace(),
            fleet.installed(node.mac()),
            now),
        stuck ? said(logs.apply(node.mac())) : List.of(),
        node.settings().labels());
  }

  /** A BMC that is asked again is none of a stuck node for a while, and is told of at once. */
  private static String goesOn(Node node, NodeState state, Next next, Instant now) {
    boolean held = state.hold().isPresent();
    return state
        .trial()
        .filter(_ -> !held)
        .map(tried -> "its BMC is asked again: " + tried.text())
        .orElseGet(() -> next.of(node, state, now));
  }

  private static String stopped(Brake brake) {
    return brake
        .since()
        .map(since -> "stopped at " + since.truncatedTo(ChronoUnit.SECONDS) + ": " + brake.why())
        .orElse("");
  }

  /**
   * The exit status of {@code bootserver status}: 0 complete, 2 in progress, 3 a node is stuck, or
   * held on its way, or a phase is blocked.
   */
  public int exitStatus() {
    if (complete) {
      return 0;
    }
    String blocked = Standing.BLOCKED.toString();
    return nodes.stream().anyMatch(FleetStatus::blocks)
            || phases.stream().anyMatch(phase -> phase.state().equals(blocked))
        ? 3
        : 2;
  }

  private static boolean blocks(NodeStatus node) {
    return node.condition().equals(Condition.STUCK.toString())
        || (node.condition().equals(Condition.HELD.toString())
            && !node.stage().equals(Stage.GOAL.toString()));
  }

  /** What the network sent that was not served: malformed, refused, or too much to write down. */
  public Map<String, Long> refused() {
    Map<String, Long> some = new TreeMap<>(counters);
    some.keySet().removeIf(name -> !REFUSED.matcher(name).find());
    return some;
  }

  /** Nodes at the goal. */
  public long arrived() {
    return nodes.stream().filter(n -> n.stage().equals(Stage.GOAL.toString())).count();
  }
}
