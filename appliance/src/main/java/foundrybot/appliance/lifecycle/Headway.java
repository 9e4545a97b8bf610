// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.InstallSteps.Reached;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far the installers of the nodes have come, by what they said. It only grows within an
 * attempt, whatever is said twice or late; another attempt begins at nothing. It is shown, and
 * decides nothing: a line of a log may be forged.
 */
public final class Headway {
  private record Seen(Instant at, Reached reached) {
    /** Whether that says as much for whoever asks from an instant on. */
    private boolean isCoveredBy(Seen other) {
      return !other.at().isBefore(at) && other.reached().percent() >= reached.percent();
    }
  }

  // Of each node one for each per cent at most: what is earlier and less far is covered.
  private final Map<Mac, List<Seen>> seen = new ConcurrentHashMap<>();

  /** A node's installer has come there. */
  public void reached(Mac mac, Instant at, Reached reached) {
    Seen now = new Seen(at, reached);
    seen.merge(mac, List.of(now), (before, _) -> with(before, now));
  }

  private static List<Seen> with(List<Seen> before, Seen now) {
    if (before.stream().anyMatch(now::isCoveredBy)) {
      return before;
    }
    List<Seen> kept = new ArrayList<>(before);
    kept.removeIf(one -> one.isCoveredBy(now));
    kept.add(now);
    return List.copyOf(kept);
  }

  /** The furthest that it has come since then; empty where it said nothing that is known. */
  public Optional<Reached> since(Mac mac, Instant begun) {
    return seen.getOrDefault(mac, List.of()).stream()
        .filter(one -> !one.at().isBefore(begun))
        .map(Seen::reached)
        .max((one, other) -> Integer.compare(one.percent(), other.percent()));
  }
}
