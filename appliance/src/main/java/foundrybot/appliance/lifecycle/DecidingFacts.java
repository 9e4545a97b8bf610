// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which facts of a journal decide where its machines stand: those that moved a machine, the last
 * that showed progress, the last that was heard of it, and those of its present {@link Trail} and
 * its {@link Restarts}; the last of each kind that is about its place in the mesh, and the last of
 * each of its checks; the last {@link NoticeKind} of each subject; and those of the fleet's {@link
 * Brake}. The same {@link NodeState} follows from these alone as from all; the others are evidence
 * for people. So do the last of each DHCP server of {@link DhcpServers}.
 */
public final class DecidingFacts {
  private static final class Course {
    private NodeState state = NodeState.planned(Instant.EPOCH);
    private int progressed = -1;
    private int heard = -1;
    private final Sighted sighted = new Sighted();
    private final List<Started> restarts = new ArrayList<>();
    private final Map<String, Integer> servers = new LinkedHashMap<>();

    /** Of what is forgotten when the machine comes to another stage nothing need be kept. */
    private void see(int number, NodeState after) {
      sighted.see(number, state.trail().seen(), after.trail().seen());
      List<Restarts.Restart> before = state.trail().restarts().chain();
      List<Restarts.Restart> now = after.trail().restarts().chain();
      for (int i = 0; i < now.size(); i++) {
        boolean known = i < before.size() && before.get(i).at().equals(now.get(i).at());
        if (!known) {
          restarts.subList(i, restarts.size()).clear();
          restarts.add(new Started());
        }
        restarts
            .get(i)
            .see(number, known ? Optional.of(before.get(i)) : Optional.empty(), now.get(i));
      }
      restarts.subList(now.size(), restarts.size()).clear();
    }

    private void keep(BitSet places) {
      sighted.keep(places);
      restarts.forEach(started -> started.keep(places));
    }

    /** A power cycle counts an attempt whose machine had started over by then: {@link Ends}. */
    private void keepStart(BitSet places) {
      restarts.stream().findFirst().ifPresent(started -> places.set(started.moves.nextSetBit(0)));
    }
  }

  /** Where the facts of one restart are: that by which it began, and those that it is known by. */
  private static final class Started {
    private final Sighted sighted = new Sighted();
    private final BitSet moves = new BitSet();

    private void see(int number, Optional<Restarts.Restart> before, Restarts.Restart now) {
      if (before.filter(it -> it.rung() == now.rung()).isEmpty()) {
        moves.set(number);
      }
      sighted.see(number, before.map(Restarts.Restart::seen).orElse(Map.of()), now.seen());
    }

    private void keep(BitSet places) {
      places.or(moves);
      sighted.keep(places);
    }
  }

  /** Where the facts of all marks are that are known at one time. */
  private static final class Sighted {
    private final EnumMap<Mark, Sightings> sightings = new EnumMap<>(Mark.class);

    private void see(int number, Map<Mark, Sighting> before, Map<Mark, Sighting> after) {
      for (Mark mark : Mark.values()) {
        Optional<Sighting> now = Optional.ofNullable(after.get(mark));
        Optional<Sighting> was = Optional.ofNullable(before.get(mark));
        if (now.isEmpty()) {
          sightings.remove(mark);
        } else if (!now.equals(was)) {
          int counted = now.get().count();
          Sightings known = sightings.get(mark);
          if (known == null || counted == 1) {
            known = new Sightings(Optional.ofNullable(known));
            sightings.put(mark, known);
          }
          known.see(number, counted == 1 || was.filter(old -> old.count() < counted).isPresent());
        }
      }
    }

    private void keep(BitSet places) {
      for (Sightings each : sightings.values()) {
        places.or(each.counted);
        places.set(each.last);
        each.turn.ifPresent(places::set);
      }
    }
  }

  /**
   * Where the facts of one mark are: those that were counted, the last, and the last one before
   * them that said something else, from which on they are counted.
   */
  private static final class Sightings {
    private final BitSet counted = new BitSet();
    private final Optional<Integer> turn;
    private int last;

    private Sightings(Optional<Sightings> before) {
      this.turn = before.map(it -> it.last);
    }

    private void see(int number, boolean more) {
      counted.set(number, more);
      last = number;
    }
  }

  private static final Set<String> KINDS =
      Stream.concat(FactKind.texts().stream(), Mark.texts().stream())
          .collect(Collectors.toUnmodifiableSet());

  private final Predicate<String> known;
  private final Map<String, Course> courses = new HashMap<>();
  private final BitSet moves = new BitSet();
  private final Map<String, EnumMap<MeshKind, Integer>> mesh = new HashMap<>();
  private final Map<String, Integer> gates = new HashMap<>();
  private final Map<String, Integer> released = new HashMap<>();
  private final Map<String, Integer> notices = new HashMap<>();

  /**
   * Has seen none yet.
   *
   * @param known whether the machine with this MAC has a state at all; of others nothing is decided
   */
  public DecidingFacts(Predicate<String> known) {
    this.known = known;
  }

  /** The kinds of facts that a node's state is made of. */
  public static Set<String> kinds() {
    return KINDS;
  }

  /** Takes the next fact; {@code number} is its place in the journal. */
  public void see(int number, Fact fact) {
    // Also of machines outside the plan: they keep their places in the mesh.
    MeshKind.of(fact.kind())
        .ifPresent(
            kind ->
                mesh.computeIfAbsent(fact.mac(), _ -> new EnumMap<>(MeshKind.class))
                    .put(kind, number));
    if (Brake.isOf(fact)) {
      moves.set(number);
    }
    if (GateKind.of(fact.kind()).isPresent()) {
      gates.put(fact.mac() + " " + fact.detail().split(" ", 2)[0], number);
    }
    // Likewise, or their places would be good again.
    if (fact.kind().equals(FactKind.NODE_RELEASED.text())) {
      released.put(fact.mac(), number);
    }
    NoticeKind.of(fact.kind()).ifPresent(kind -> notices.put(kind.subject(fact), number));
    if (!KINDS.contains(fact.kind()) || !known.test(fact.mac())) {
      return;
    }
    Course course = courses.computeIfAbsent(fact.mac(), _ -> new Course());
    NodeState after = course.state.after(fact);
    if (!after.isWhere(course.state)) {
      moves.set(number);
    }
    if (fact.kind().equals(FactKind.POWER_AGAIN.text())) {
      course.keepStart(moves);
    }
    if (!after.progressAt().equals(course.state.progressAt())) {
      course.progressed = number;
    }
    course.heard = number;
    DhcpServers.taken(fact)
        .ifPresent(taken -> DhcpServers.keep(course.servers, taken.server(), number));
    course.see(number, after);
    course.state = after;
  }

  /** The places of those that decide, among all that were seen. */
  public BitSet places() {
    BitSet places = (BitSet) moves.clone();
    for (Course course : courses.values()) {
      places.set(course.heard);
      if (course.progressed >= 0) {
        places.set(course.progressed);
      }
      course.servers.values().forEach(places::set);
      course.keep(places);
    }
    gates.values().forEach(places::set);
    released.values().forEach(places::set);
    notices.values().forEach(places::set);
    mesh.values().forEach(latest -> latest.values().forEach(places::set));
    return places;
  }
}
