// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which facts of a journal decide where its machines stand: those that moved a machine, the last
 * that showed progress, and the last that was heard of it; and the last of each kind that is about
 * its place in the mesh, and the last of each of its checks; and those of the fleet's {@link
 * Brake}. The same {@link NodeState} follows from these alone as from all; the others are evidence
 * for people.
 */
public final class DecidingFacts {
  private static final class Course {
    private NodeState state = NodeState.planned(Instant.EPOCH);
    private int progressed = -1;
    private int heard = -1;
  }

  private final Predicate<String> known;
  private final Map<String, Course> courses = new HashMap<>();
  private final BitSet moves = new BitSet();
  private final Map<String, EnumMap<MeshKind, Integer>> mesh = new HashMap<>();
  private final Map<String, Integer> gates = new HashMap<>();

  /**
   * Has seen none yet.
   *
   * @param known whether the machine with this MAC has a state at all; of others nothing is decided
   */
  public DecidingFacts(Predicate<String> known) {
    this.known = known;
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
    if (FactKind.of(fact.kind()).isEmpty() || !known.test(fact.mac())) {
      return;
    }
    Course course = courses.computeIfAbsent(fact.mac(), _ -> new Course());
    NodeState after = course.state.after(fact);
    if (!after.isWhere(course.state)) {
      moves.set(number);
    }
    if (!after.progressAt().equals(course.state.progressAt())) {
      course.progressed = number;
    }
    course.heard = number;
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
    }
    gates.values().forEach(places::set);
    mesh.values().forEach(latest -> latest.values().forEach(places::set));
    return places;
  }
}
