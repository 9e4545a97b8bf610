// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.GateKind;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What nodes proved of themselves, in memory. The journal has each change; that nothing has changed
 * is only remembered here, so after a restart a result is as old as its change until the node
 * reports again.
 */
public final class GateBook {
  /** So many changes of a check are written in a minute; what more there are is counted. */
  static final int MOST_CHANGES = 4;

  private static final Duration TURN = Duration.ofMinutes(1);
  private static final int MOST_COUNTED = 1_000_000;

  private final Map<Mac, Map<String, CheckResult>> results = new HashMap<>();

  // By a node and one of its checks, as the results are.
  private final Map<Mac, Map<String, Turn>> turns = new HashMap<>();

  /** The changes of a check since that time. */
  private record Turn(Instant begun, int written, int unwritten) {
    Turn at(Instant now) {
      return now.isBefore(begun.plus(TURN)) ? this : new Turn(now, 0, unwritten);
    }
  }

  /** Takes one durable fact, in the order of the journal; whether it was one of these. */
  public synchronized boolean apply(Fact fact) {
    Optional<GateKind> kind = GateKind.of(fact.kind());
    if (kind.isEmpty()) {
      return false;
    }
    Mac.parse(fact.mac())
        .ifPresent(mac -> put(mac, kind.get() == GateKind.PASSED, fact.detail(), fact.at()));
    return true;
  }

  private void put(Mac mac, boolean passed, String detail, Instant at) {
    String[] words = detail.split(" ", 2);
    String said = words.length == 1 ? "" : words[1];
    results
        .computeIfAbsent(mac, _ -> new HashMap<>())
        .merge(
            words[0],
            new CheckResult(passed, said, at, at),
            (before, now) ->
                before.passed() == passed
                    ? new CheckResult(passed, said, before.since(), at)
                    : now);
  }

  /**
   * What of a check's result is news for the journal; the words of that. Empty: it does as before,
   * which is remembered, or it has changed {@value #MOST_CHANGES} times within a minute already;
   * then the result stays as it is written, and the next that is written says how many were not.
   *
   * @param enrolled since when the machine has its system: what was said before came from another
   */
  public synchronized Optional<String> news(
      Mac mac, String check, boolean passed, String said, Instant at, Instant enrolled) {
    Map<String, CheckResult> ofNode = results.getOrDefault(mac, Map.of());
    CheckResult before = ofNode.get(check);
    if (before != null && before.passed() == passed && !before.heardAt().isBefore(enrolled)) {
      ofNode.put(check, new CheckResult(passed, said, before.since(), at));
      return Optional.empty();
    }
    Map<String, Turn> ofChecks = turns.computeIfAbsent(mac, _ -> new HashMap<>());
    Turn turn = ofChecks.getOrDefault(check, new Turn(at, 0, 0)).at(at);
    if (turn.written() == MOST_CHANGES) {
      int more = Math.min(MOST_COUNTED, turn.unwritten() + 1);
      ofChecks.put(check, new Turn(turn.begun(), turn.written(), more));
      return Optional.empty();
    }
    ofChecks.put(check, new Turn(turn.begun(), turn.written() + 1, 0));
    return Optional.of(
        turn.unwritten() == 0
            ? said
            : (said + " (" + turn.unwritten() + " changes before were not written)").strip());
  }

  /** What a node said last, by the check's name. */
  public synchronized Map<String, CheckResult> of(Mac mac) {
    return Map.copyOf(results.getOrDefault(mac, Map.of()));
  }
}
