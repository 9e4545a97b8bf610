// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Brake;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.DhcpServers;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.Headway;
import foundrybot.appliance.lifecycle.HeardAddresses;
import foundrybot.appliance.lifecycle.InstallSteps;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.NoticeKind;
import foundrybot.appliance.lifecycle.Outages;
import foundrybot.appliance.lifecycle.Pace;
import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.appliance.lifecycle.SiteServers;
import foundrybot.appliance.lifecycle.Stage;
import foundrybot.appliance.lifecycle.Way;
import foundrybot.appliance.operator.AuditEntry;
import foundrybot.appliance.phases.GateBook;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rack as it is now, in memory: the plan in force and where each of its nodes stands. Readers
 * see immutable values; the plan is replaced as a whole, a state fact by fact.
 */
final class Fleet {
  /** Strangers that are remembered; whoever was heard longest ago makes room. */
  private static final int MAX_STRANGERS = 64;

  /** Probes of the operator's; each is one run of a command. */
  private static final int MAX_GUESTS = 16;

  /** Tokens that were burnt and are still known by whose they were; the oldest make room. */
  private static final int MAX_BURNT = 4096;

  /** How the kinds of facts begin that a machine itself reports. */
  private static final String REPORT = "report.";

  private static final Pattern MACHINE_ID = Pattern.compile("(?:^|\\s)machine_id=(\\S+)");

  private record Plan(
      RackFile rack,
      Map<Mac, Node> byMac,
      Map<String, Node> byName,
      Map<Inet4Address, Node> byAddress) {}

  private final Map<Mac, NodeState> states = new ConcurrentHashMap<>();
  private final Map<String, Mac> tokens = new ConcurrentHashMap<>();
  private final Map<String, Mac> burnt =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Mac> eldest) {
              return size() > MAX_BURNT;
            }
          });
  private final Map<Mac, InetAddress> addresses = new ConcurrentHashMap<>();
  private final Map<InetAddress, Mac> atAddress = new ConcurrentHashMap<>();
  private final Map<Mac, FleetStatus.Stranger> strangers = new LinkedHashMap<>();
  private final Set<Mac> guests = new LinkedHashSet<>();
  private final GateBook gates = new GateBook();
  private final Map<Mac, Way> ways = new ConcurrentHashMap<>();
  private final Pace pace = new Pace();
  private final Headway headway = new Headway();
  private final DhcpServers servers;
  private final HeardAddresses heard = new HeardAddresses();
  private final Map<Mac, String> enrolledAs = new ConcurrentHashMap<>();
  private final Instant listening;

  /** Of the latest fact from before it listened; its absence was not longer than from then on. */
  private volatile Instant lastBefore = Instant.MAX;

  private volatile Plan plan;
  private volatile Brake brake = Brake.OFF;
  private volatile Outages outages = Outages.NONE;

  /**
   * Knows of nothing yet.
   *
   * @param listening since when its nodes can be heard
   */
  Fleet(RackFile rack, Instant listening) {
    this.listening = listening;
    this.plan = planOf(rack);
    this.servers = new DhcpServers(rack);
  }

  private static Plan planOf(RackFile rack) {
    Map<Mac, Node> byMac = new HashMap<>();
    Map<String, Node> byName = new HashMap<>();
    Map<Inet4Address, Node> byAddress = new HashMap<>();
    for (Node node : rack.nodes()) {
      byMac.put(node.mac(), node);
      byName.put(node.name(), node);
      node.address().ifPresent(cidr -> byAddress.put(cidr.address(), node));
    }
    return new Plan(rack, Map.copyOf(byMac), Map.copyOf(byName), Map.copyOf(byAddress));
  }

  /** What its nodes proved of themselves. */
  GateBook gates() {
    return gates;
  }

  RackFile rack() {
    return plan.rack();
  }

  void replace(RackFile rack) {
    plan = planOf(rack);
    servers.replace(rack);
  }

  Optional<Node> node(Mac mac) {
    return Optional.ofNullable(plan.byMac().get(mac));
  }

  Optional<Node> nodeNamed(String name) {
    return Optional.ofNullable(plan.byName().get(name));
  }

  /** Whose fixed address that is. */
  Optional<Node> ownerOf(Inet4Address address) {
    return Optional.ofNullable(plan.byAddress().get(address));
  }

  NodeState state(Mac mac) {
    return states.getOrDefault(mac, NodeState.planned(listening));
  }

  /** Since when its nodes can be heard. */
  Instant listening() {
    return listening;
  }

  /** How long a node may be silent from then on. */
  Deadlines deadlines(Node node) {
    return Deadlines.of(node).since(listening);
  }

  /** What is known of the DHCP servers beside the appliance, as seen from a node. */
  SiteServers siteServers(Node node) {
    return servers.around(node);
  }

  /** Whether something is wrong with none of the nodes, but with what they all need. */
  Brake brake() {
    return brake;
  }

  /** When nothing could be written. */
  Outages outages() {
    return outages;
  }

  /**
   * When no node could be heard: besides, from the last that the journal tells until the start.
   * Nobody knows when the appliance was stopped, so it counts as stopped from then on.
   */
  Outages deafness() {
    return outages.with(lastBefore, listening);
  }

  /** Which addresses a node has by DHCP, as far as the appliance has heard that. */
  Set<String> addressesOf(Node node) {
    return heard.of(node.mac().toString(), plan.rack().appliance().dhcp() == DhcpMode.SERVER);
  }

  /** The machine-id of the system that has enrolled last; empty where it told none. */
  Optional<String> enrolledAs(Mac mac) {
    return Optional.ofNullable(enrolledAs.get(mac));
  }

  /** The machine-id in what a machine says of itself; empty where there is none. */
  static Optional<String> machineId(String said) {
    Matcher matcher = MACHINE_ID.matcher(said);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Nothing could be written in that time, and the journal does not say so yet. */
  void interrupted(Instant from, Instant to) {
    outages = outages.with(from, to);
  }

  /** A node showed its token from that address: what else comes from there is likely its own. */
  void heardFrom(Mac mac, InetAddress address) {
    InetAddress before = addresses.put(mac, address);
    if (before != null && !before.equals(address)) {
      atAddress.remove(before, mac);
    }
    atAddress.put(address, mac);
  }

  /** Who was last heard from there; good enough for a record, never for a right. */
  Optional<Mac> at(InetAddress address) {
    return Optional.ofNullable(atAddress.get(address));
  }

  /** Takes one durable fact; facts of one machine must come in their order. */
  void apply(Fact fact) {
    apply(fact, (_, _) -> {});
  }

  /**
   * The same.
   *
   * @param moved gets the node's state before and after
   */
  void apply(Fact fact, BiConsumer<NodeState, NodeState> moved) {
    if (fact.at().isBefore(listening)
        && (lastBefore.equals(Instant.MAX) || fact.at().isAfter(lastBefore))) {
      lastBefore = fact.at();
    }
    if (Brake.isOf(fact)) {
      brake = brake.after(fact);
      outages = outages.after(fact);
      return;
    }
    Optional<Mac> mac = Mac.parse(fact.mac());
    // What operators do, strangers try and we note was not heard of the machine.
    if (gates.apply(fact)
        || mac.isEmpty()
        || AuditEntry.KINDS.contains(fact.kind())
        || NoticeKind.of(fact.kind()).isPresent()) {
      return;
    }
    // A machine outside the plan is kept only if it once was inside: strangers cost no memory.
    boolean wasPlanned =
        states.containsKey(mac.get())
            || FactKind.of(fact.kind()).filter(FactKind::ofPlannedOnly).isPresent();
    if (node(mac.get()).isEmpty() && !wasPlanned) {
      return;
    }
    NodeState before = state(mac.get());
    NodeState after = before.after(fact);
    states.put(mac.get(), after);
    servers.apply(fact);
    heard.apply(fact);
    if (fact.kind().equals(FactKind.ENROLLED.text())) {
      machineId(fact.detail())
          .ifPresentOrElse(id -> enrolledAs.put(mac.get(), id), () -> enrolledAs.remove(mac.get()));
    }
    follow(mac.get(), after);
    if (fact.kind().startsWith(REPORT)) {
      heardInstaller(mac.get(), fact.at(), fact.kind() + " " + fact.detail());
    }
    moved.accept(before, after);
    if (!before.tokens().equals(after.tokens())) {
      after.tokens().live().forEach(token -> tokens.put(token.hash(), mac.get()));
      before.tokens().live().stream()
          .map(RunToken::hash)
          .filter(hash -> after.tokens().of(hash).isEmpty())
          .forEach(
              hash -> {
                tokens.remove(hash);
                burnt.put(hash, mac.get());
              });
    }
  }

  private void follow(Mac mac, NodeState state) {
    Way before = way(mac);
    Way way = before.after(state);
    if (way.equals(before)) {
      return;
    }
    ways.put(mac, way);
    if (state.isComplete()) {
      node(mac).ifPresent(node -> pace.arrived(kind(node), way));
    }
  }

  /** What a node's installer reports, or writes into its log; the one that is at work. */
  void heardInstaller(Mac mac, Instant at, String said) {
    if (state(mac).stage() == Stage.INSTALLING) {
      node(mac)
          .flatMap(node -> InstallSteps.of(node.profile(), said))
          .ifPresent(step -> headway.reached(mac, at, step));
    }
  }

  /** How far a node's installer is; empty where it is not at work, or said nothing known. */
  Optional<InstallSteps.Reached> installed(Mac mac) {
    NodeState state = state(mac);
    return state.stage() == Stage.INSTALLING ? headway.since(mac, state.since()) : Optional.empty();
  }

  /** When a node came to the stages of its present run. */
  Way way(Mac mac) {
    return ways.getOrDefault(mac, Way.NONE);
  }

  /** What it has in common with those that take about as long. */
  static Pace.Kind kind(Node node) {
    return new Pace.Kind(node.profile().name(), node.role().name());
  }

  /** How long machines have taken. */
  Pace pace() {
    return pace;
  }

  /** Remembers, in memory only, that a machine outside the plan asked to boot. */
  void heardStranger(Mac mac, Instant at, String said) {
    synchronized (strangers) {
      strangers.remove(mac);
      if (strangers.size() >= MAX_STRANGERS) {
        strangers.remove(strangers.keySet().iterator().next());
      }
      strangers.put(mac, new FleetStatus.Stranger(mac.toString(), at.toString(), said));
    }
  }

  /**
   * The operator asks in the name of this machine, which is none: it is answered as if it were of
   * the plan, and nobody is told that it was seen.
   */
  void invite(Mac mac) {
    synchronized (guests) {
      guests.add(mac);
      if (guests.size() > MAX_GUESTS) {
        guests.remove(guests.iterator().next());
      }
    }
  }

  boolean isGuest(Mac mac) {
    synchronized (guests) {
      return guests.contains(mac);
    }
  }

  /** Those that are still outside the plan, the latest first. */
  List<FleetStatus.Stranger> strangers() {
    synchronized (strangers) {
      return strangers.entrySet().stream()
          .filter(entry -> node(entry.getKey()).isEmpty() && !isGuest(entry.getKey()))
          .map(Map.Entry::getValue)
          .toList()
          .reversed();
    }
  }

  /**
   * Who came with a token.
   *
   * @param state at that moment
   */
  record Bearer(Node node, NodeState state, RunToken token) {}

  /** The node whose present run that token belongs to; a token that was burnt has none. */
  Optional<Bearer> bearer(String token) {
    return Tokens.isToken(token) ? bearerOf(Tokens.hash(token)) : Optional.empty();
  }

  /**
   * The same by the token's SHA-256, which tells nothing of it and opens nothing. A look-up by hash
   * may take its time by how the hash begins, and who brings a token cannot choose that: to learn a
   * bit more of the right hash costs twice as many tokens, and none of it leads back to a token.
   * What is found is compared in full, in constant time.
   */
  Optional<Bearer> bearerOf(String hash) {
    Mac mac = tokens.get(hash);
    Node node = mac == null ? null : plan.byMac().get(mac);
    if (node == null) {
      return Optional.empty();
    }
    NodeState state = state(node.mac());
    return state.tokens().of(hash).map(live -> new Bearer(node, state, live));
  }

  /** Whose token that was, if it was burnt not too many tokens ago. */
  Optional<Mac> formerBearer(String token) {
    return Tokens.isToken(token) ? formerBearerOf(Tokens.hash(token)) : Optional.empty();
  }

  /** The same by its SHA-256. */
  Optional<Mac> formerBearerOf(String hash) {
    return Optional.ofNullable(burnt.get(hash));
  }

  /** Whether the machine is in the plan, or was and has a state. */
  boolean knows(Mac mac) {
    return node(mac).isPresent() || states.containsKey(mac);
  }

  /** Machines whose state is in memory. */
  int remembered() {
    return states.size();
  }

  /** Whether all that are of the cluster have arrived; who was released is not of it. */
  boolean isComplete() {
    List<NodeState> members =
        plan.rack().nodes().stream()
            .map(node -> state(node.mac()))
            .filter(state -> !state.isReleased())
            .toList();
    return !members.isEmpty() && members.stream().allMatch(NodeState::isMember);
  }
}
