// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was seen of a node since it came to its stage, and where its attempts ended: the little that
 * a {@link Diagnosis} is made of. It is bounded by the number of {@link Mark}s.
 *
 * @param seen the marks of the present stage, and {@link Mark#OTHER_UUID} of all of the run
 * @param ends of the attempts of this run
 * @param restarts of the machine since it came to its stage
 */
record Trail(Map<Mark, Sighting> seen, Ends ends, Restarts restarts) {
  static final Trail NONE = new Trail(Map.of(), Ends.NONE, Restarts.NONE);

  Trail {
    seen = Map.copyOf(seen);
  }

  /** The same with what the fact tells, if anything. */
  Trail after(Fact fact) {
    Map<Mark, Sighting> more = with(seen, fact);
    return more.equals(seen) ? this : new Trail(more, ends, restarts);
  }

  /** What was seen, with what the fact tells besides. */
  static Map<Mark, Sighting> with(Map<Mark, Sighting> seen, Fact fact) {
    var marks = Mark.of(fact);
    if (marks.isEmpty()) {
      return seen;
    }
    Map<Mark, Sighting> more = new EnumMap<>(Mark.class);
    more.putAll(seen);
    for (Mark mark : marks) {
      if (!mark.isNews(Optional.ofNullable(seen.get(mark)).map(Sighting::said), fact)) {
        continue;
      }
      String subject = mark.subject(fact.detail());
      more.merge(
          mark,
          Sighting.of(fact),
          (before, now) -> mark.subject(before.said()).equals(subject) ? before.again(fact) : now);
    }
    return more;
  }

  /** The same with what the fact tells of the machine's having started over; {@link Restarts}. */
  Trail restarted(Fact fact, Stage stage, Instant progressAt) {
    Restarts next = restarts.after(fact, stage, progressAt);
    return next.equals(restarts) ? this : new Trail(seen, ends, next);
  }

  /** The attempt under way goes on: who started over meanwhile was another one. */
  Trail withoutRestarts() {
    return restarts.isEmpty() ? this : new Trail(seen, ends, Restarts.NONE);
  }

  /** Of a machine that started over, what was seen since. */
  Trail since(Restarts.Restart restart) {
    Map<Mark, Sighting> left = new EnumMap<>(Mark.class);
    left.putAll(restart.seen());
    left.remove(Mark.OTHER_UUID);
    of(Mark.OTHER_UUID).ifPresent(asked -> left.put(Mark.OTHER_UUID, asked));
    return new Trail(left, Ends.NONE, Restarts.NONE);
  }

  /**
   * The node has come to another stage: what was seen before tells nothing of this one. Only who
   * asks by its MAC is no matter of a stage: one of two such machines goes on while the other asks.
   */
  Trail atNewStage() {
    Map<Mark, Sighting> left = new EnumMap<>(Mark.class);
    of(Mark.OTHER_UUID).ifPresent(asked -> left.put(Mark.OTHER_UUID, asked));
    return seen.size() == left.size() && restarts.isEmpty()
        ? this
        : new Trail(left, ends, Restarts.NONE);
  }

  /** An attempt ended there, since the next one begins. */
  Trail ended(Stage there) {
    return new Trail(seen, ends.with(there), restarts);
  }

  /** Its power is switched off and on; who had started over before that has ended its attempt. */
  Trail cycled(Stage there) {
    Ends ended = restarts.isEmpty() || there.isBefore(Stage.SCRIPT) ? ends : ends.with(there);
    return new Trail(seen, ended.cycled(), restarts).atNewStage();
  }

  /** No attempt has ended yet, or what ended them is behind the node. */
  Trail withoutEnds() {
    return new Trail(seen, Ends.NONE, restarts);
  }

  /** The same, with the marks and restarts of the other one. */
  Trail seenAs(Trail other) {
    return new Trail(other.seen, ends, other.restarts);
  }

  Optional<Sighting> of(Mark mark) {
    return Optional.ofNullable(seen.get(mark));
  }

  boolean has(Mark mark) {
    return seen.containsKey(mark);
  }

  int count(Mark mark) {
    return of(mark).map(Sighting::count).orElse(0);
  }

  /** Whether the one was seen and the other one not since. */
  boolean isLater(Mark mark, Mark other) {
    return of(mark)
        .filter(
            sighting ->
                of(other).filter(before -> before.last().isAfter(sighting.last())).isEmpty())
        .isPresent();
  }

  /** Lines of evidence, the oldest first. */
  List<String> lines() {
    return seen.entrySet().stream()
        // One UUID is that of the machine itself.
        .filter(entry -> entry.getKey() != Mark.OTHER_UUID || entry.getValue().count() > 1)
        .sorted(
            Comparator.comparing((Map.Entry<Mark, Sighting> entry) -> entry.getValue().last())
                .thenComparing(Map.Entry::getKey))
        .map(entry -> entry.getValue().line(entry.getKey()))
        .toList();
  }
}
