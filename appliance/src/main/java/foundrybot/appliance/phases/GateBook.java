// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.phases;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.GateKind;
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
  private final Map<Mac, Map<String, CheckResult>> results = new HashMap<>();

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
   * Whether that check does as before, which is remembered then; else it is news for the journal.
   *
   * @param enrolled since when the machine has its system: what was said before came from another
   */
  public synchronized boolean heardAgain(
      Mac mac, String check, boolean passed, String said, Instant at, Instant enrolled) {
    Map<String, CheckResult> ofNode = results.getOrDefault(mac, Map.of());
    CheckResult before = ofNode.get(check);
    if (before == null || before.passed() != passed || before.heardAt().isBefore(enrolled)) {
      return false;
    }
    ofNode.put(check, new CheckResult(passed, said, before.since(), at));
    return true;
  }

  /** What a node said last, by the check's name. */
  public synchronized Map<String, CheckResult> of(Mac mac) {
    return Map.copyOf(results.getOrDefault(mac, Map.of()));
  }
}
