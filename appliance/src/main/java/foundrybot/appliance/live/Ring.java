// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest facts, the same for all listeners. Guarded by its owner. */
final class Ring {
  private final int most;
  private final Deque<Placed> facts = new ArrayDeque<>();

  /** Everything up to there is gone, or was never in it. */
  private long lost;

  Ring(int most) {
    this.most = most;
  }

  /** Begins anew after a place in the journal. */
  void clear(long place) {
    facts.clear();
    lost = place;
  }

  void add(Placed fact) {
    facts.addLast(fact);
    if (facts.size() > most) {
      lost = facts.removeFirst().order();
    }
  }

  /** Whether something after that place is here no more. */
  boolean hasLost(long heard) {
    return heard < lost;
  }

  /** What follows that place, oldest first; few follow it where a listener keeps up. */
  List<Placed> after(long heard) {
    Deque<Placed> found = new ArrayDeque<>();
    var newestFirst = facts.descendingIterator();
    while (newestFirst.hasNext()) {
      Placed fact = newestFirst.next();
      if (fact.order() <= heard) {
        break;
      }
      found.addFirst(fact);
    }
    return List.copyOf(found);
  }
}
