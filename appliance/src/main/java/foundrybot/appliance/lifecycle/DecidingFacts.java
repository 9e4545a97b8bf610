// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which facts of a journal decide where its machines stand: those that moved a machine, the last
 * that showed progress, and the last that was heard of it. The same {@link NodeState} follows from
 * these alone as from all; the others are evidence for people.
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
    return places;
  }
}
