// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.NodeCheck;
import foundrybot.answerfiles.Phase;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.phases.PhaseState.Pending;
import foundrybot.appliance.phases.PhaseState.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How far the cluster is: a pure function of the plan, of where its nodes stand, of what they
 * proved and of the time.
 *
 * <p>A phase is open when all before it are done, and done when it is open and enough of its nodes
 * are ready. Until its enrollment a node has the deadlines of its stages, from then on that of its
 * phase: it runs from the latest of the enrollment, the opening of the phase, the moment from which
 * on the check does not pass, and the start of the appliance, which heard nobody before.
 *
 * <p>That no peer of the mesh is reached counts only where one is to be there: enrolled, and of a
 * phase that is not behind this one. So nobody waits for who waits for him. Of checks that are
 * built in only what a node says counts.
 */
public final class Phases {
  /** What was said longer ago says nothing of now; nodes report each minute. */
  public static final Duration STALE = Duration.ofMinutes(5);

  private static final Set<Condition> ON_ITS_WAY =
      EnumSet.of(Condition.OK, Condition.WAITING, Condition.RETRYING);

  /** Where a node stands in its phase. */
  private sealed interface Place {
    record Ready(Instant since) implements Place {}

    /** It may still come. */
    record Coming(Optional<String> why) implements Place {}

    record Blocking(String why) implements Place {}
  }

  private final RackFile rack;
  private final Function<Mac, NodeState> states;
  private final Function<Mac, Map<String, CheckResult>> results;
  private final Function<Node, String> diagnosis;
  private final Instant listening;
  private final Instant now;

  private Phases(
      RackFile rack,
      Function<Mac, NodeState> states,
      Function<Mac, Map<String, CheckResult>> results,
      Function<Node, String> diagnosis,
      Instant listening,
      Instant now) {
    this.rack = rack;
    this.states = states;
    this.results = results;
    this.diagnosis = diagnosis;
    this.listening = listening;
    this.now = now;
  }

  /**
   * All phases that have nodes, in their order.
   *
   * @param results what a node said last of its checks, by their names
   * @param diagnosis why a node is stuck
   * @param listening since when nodes can be heard; what they said last is not older than that
   */
  public static List<PhaseState> of(
      RackFile rack,
      Function<Mac, NodeState> states,
      Function<Mac, Map<String, CheckResult>> results,
      Function<Node, String> diagnosis,
      Instant listening,
      Instant now) {
    return new Phases(rack, states, results, diagnosis, listening, now).all(rack.phases());
  }

  /** The first phase before that node's own that is not done; empty if its own is open. */
  public static Optional<PhaseState> before(
      RackFile rack,
      Node node,
      Function<Mac, NodeState> states,
      Function<Mac, Map<String, CheckResult>> results,
      Instant listening,
      Instant now) {
    List<Phase> before =
        rack.phases().stream().takeWhile(it -> !it.roles().contains(node.role().name())).toList();
    return before.size() == rack.phases().size()
        ? Optional.empty()
        : new Phases(rack, states, results, _ -> "", listening, now)
            .all(before).stream().filter(it -> it.standing() != Standing.DONE).findFirst();
  }

  /**
   * Enrolled nodes whose mesh reaches nobody for longer than their phase lets them, and what they
   * say. The mesh waits for no phase, so that is wrong also where the phase is not open, or is done
   * without them, and whichever phase those are of who are there to be reached.
   */
  public static List<Pending> unreached(
      RackFile rack,
      Function<Mac, NodeState> states,
      Function<Mac, Map<String, CheckResult>> results,
      Instant listening,
      Instant now) {
    Phases phases = new Phases(rack, states, results, _ -> "", listening, now);
    return rack.phases().stream()
        .flatMap(
            phase ->
                phase.of(rack.nodes()).stream()
                    .flatMap(node -> phases.unreached(phase, node).stream()))
        .toList();
  }

  private Optional<Pending> unreached(Phase phase, Node node) {
    NodeState state = states.apply(node.mac());
    if (!state.isMember()) {
      return Optional.empty();
    }
    Map<String, CheckResult> said = results.apply(node.mac());
    for (NodeCheck check : phase.checksOf(node)) {
      CheckResult result = said.get(check.name());
      if (result != null
          && fails(result)
          && check instanceof NodeCheck.Handshake shake
          && !result.heardAt().isBefore(state.since())
          && firstPeer(node, shake.interfaceName())
              .map(there -> later(later(there, result.since()), listening))
              .filter(begin -> now.isAfter(begin.plus(phase.deadline())))
              .isPresent()) {
        return Optional.of(
            new Pending(node.name(), why(check, Optional.of(result), result.since())));
      }
    }
    return Optional.empty();
  }

  private List<PhaseState> all(List<Phase> phases) {
    List<PhaseState> all = new ArrayList<>();
    // When the next one was opened; empty once there is one that is not done.
    Optional<Instant> opened = Optional.of(Instant.EPOCH);
    for (Phase phase : phases) {
      List<Node> nodes = members(phase);
      if (nodes.isEmpty()) {
        continue;
      }
      Optional<Instant> before = opened;
      List<Place> places =
          nodes.stream().map(node -> place(phase, node, before.orElse(now))).toList();
      PhaseState state = state(all.size() + 1, phase, nodes, places, opened);
      all.add(state);
      opened = state.doneAt();
    }
    return all;
  }

  /** Who was released is not counted, unless there are too few without it. */
  private List<Node> members(Phase phase) {
    List<Node> all = phase.of(rack.nodes());
    List<Node> left = all.stream().filter(node -> !states.apply(node.mac()).isReleased()).toList();
    return left.size() < phase.need().of(left.size()) ? all : left;
  }

  private static PhaseState state(
      int number, Phase phase, List<Node> nodes, List<Place> places, Optional<Instant> opened) {
    boolean open = opened.isPresent();
    int need = phase.need().of(nodes.size());
    int ready = (int) places.stream().filter(Place.Ready.class::isInstance).count();
    int lost = (int) places.stream().filter(Place.Blocking.class::isInstance).count();
    Standing standing = Standing.RUNNING;
    if (!open) {
      standing = Standing.WAITING;
    } else if (ready >= need) {
      standing = Standing.DONE;
    } else if (nodes.size() - lost < need) {
      standing = Standing.BLOCKED;
    }
    List<Pending> pending = new ArrayList<>();
    for (int i = 0; i < nodes.size() && open; i++) {
      Optional<String> why = why(places.get(i), standing == Standing.BLOCKED);
      String node = nodes.get(i).name();
      why.ifPresent(words -> pending.add(new Pending(node, words)));
    }
    Optional<Instant> doneAt =
        standing == Standing.DONE
            ? opened.map(at -> later(at, doneAt(places, need)))
            : Optional.empty();
    return new PhaseState(
        number, phase.name(), standing, ready, need, nodes.size(), pending, doneAt);
  }

  private static Optional<String> why(Place place, boolean blocked) {
    return switch (place) {
      case Place.Ready _ -> Optional.empty();
      case Place.Coming(Optional<String> why) -> blocked ? Optional.empty() : why;
      case Place.Blocking(String why) -> Optional.of(why);
    };
  }

  private static Instant doneAt(List<Place> places, int need) {
    return places.stream()
        .filter(Place.Ready.class::isInstance)
        .map(place -> ((Place.Ready) place).since())
        .sorted()
        .skip(need - 1L)
        .findFirst()
        .orElse(Instant.EPOCH);
  }

  private Place place(Phase phase, Node node, Instant opened) {
    NodeState state = states.apply(node.mac());
    if (state.isReleased()) {
      return new Place.Blocking(
          state.stage() + ": deploy it by its name, or take it out of the rack file");
    }
    if (!state.isMember()) {
      Deadlines deadlines = Deadlines.of(node).since(listening);
      return ON_ITS_WAY.contains(state.condition(now, deadlines))
          ? new Place.Coming(Optional.empty())
          : new Place.Blocking(state.stage() + ": " + diagnosis.apply(node));
    }
    Map<String, CheckResult> said = results.apply(node.mac());
    Instant since = state.since();
    Optional<String> first = Optional.empty();
    for (NodeCheck check : phase.checksOf(node)) {
      // What was said before the enrollment came from another system, or from none.
      Optional<CheckResult> result =
          Optional.ofNullable(said.get(check.name()))
              .filter(it -> !it.heardAt().isBefore(state.since()));
      if (result.filter(this::passes).isPresent()) {
        since = later(since, result.get().since());
        continue;
      }
      if (isExcused(phase, node, check, result)) {
        continue;
      }
      Instant begin = begin(result, state.since());
      String why = why(check, result, begin);
      if (now.isAfter(later(later(begin, opened), listening).plus(phase.deadline()))) {
        return new Place.Blocking(why);
      }
      first = first.or(() -> Optional.of(why));
    }
    return first.isPresent() ? new Place.Coming(first) : new Place.Ready(since);
  }

  /** Whether it counts as nothing that the check does not pass. */
  private boolean isExcused(Phase phase, Node node, NodeCheck check, Optional<CheckResult> result) {
    boolean fails = result.filter(Phases::fails).isPresent();
    return fails
        ? check instanceof NodeCheck.Handshake shake && !hasPeer(phase, node, shake.interfaceName())
        : phase.builtIn() && phase.checks().contains(check);
  }

  private static boolean fails(CheckResult result) {
    return !result.passed();
  }

  /** Whether somebody is to be there whom that node can reach on that interface. */
  private boolean hasPeer(Phase phase, Node node, String on) {
    List<Phase> behind = rack.phases().stream().skip(rack.phases().indexOf(phase) + 1L).toList();
    return peers(node, on)
        .anyMatch(peer -> behind.stream().noneMatch(it -> it.roles().contains(peer.role().name())));
  }

  /** Since when there has been somebody whom it could reach; empty if there is nobody. */
  private Optional<Instant> firstPeer(Node node, String on) {
    return peers(node, on)
        .map(peer -> states.apply(peer.mac()).since())
        .min(Comparator.naturalOrder());
  }

  /** The enrolled ones of whom the mesh has told that node how to reach them. */
  private Stream<Node> peers(Node node, String on) {
    return rack.mesh().stream()
        .flatMap(mesh -> mesh.planes().stream())
        .filter(plane -> plane.plane().interfaceName().equals(on) && plane.has(node))
        .flatMap(
            plane ->
                rack.nodes().stream()
                    .filter(peer -> !peer.mac().equals(node.mac()) && plane.has(peer))
                    .filter(peer -> plane.speak(node, peer) && peer.meshEndpoint().isPresent()))
        .filter(peer -> states.apply(peer.mac()).isMember());
  }

  private boolean passes(CheckResult result) {
    return result.passed() && !isStale(result);
  }

  private boolean isStale(CheckResult result) {
    return now.isAfter(later(result.heardAt(), listening).plus(STALE));
  }

  /** Since when the check does not pass. */
  private Instant begin(Optional<CheckResult> result, Instant enrolled) {
    return result.map(it -> isStale(it) ? it.heardAt() : it.since()).orElse(enrolled);
  }

  private String why(NodeCheck check, Optional<CheckResult> result, Instant begin) {
    String since = ", since " + begin.truncatedTo(ChronoUnit.SECONDS);
    String said =
        result
            .map(
                it -> {
                  if (isStale(it)) {
                    return "unknown, not reported" + since;
                  }
                  return (it.said().isEmpty() ? "failed" : it.said()) + since;
                })
            .orElse("unknown, never reported");
    return check.what() + ": " + said;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isBefore(other) ? other : one;
  }
}
