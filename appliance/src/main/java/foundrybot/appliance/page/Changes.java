// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * When each piece of the rack's page last changed, so that a browser is sent what it has not seen
 * and nothing else, however large the rack is. All browsers share it.
 */
public final class Changes {
  /**
   * What was last shown.
   *
   * @param epoch a browser of another one has to load the whole page
   * @param since by id of a piece: its text, and the version with which it came
   */
  private record Seen(String epoch, long version, Map<String, Piece> since, String spoken) {
    String name() {
      return epoch + "-" + version;
    }
  }

  private record Piece(String text, long version) {}

  private final AtomicReference<Seen> seen;
  private final String start;

  /**
   * Nothing was shown yet.
   *
   * @param start differs from one start of the appliance to the next; letters and digits
   */
  public Changes(String start) {
    this.start = start;
    this.seen = new AtomicReference<>(new Seen(start + "x0", 0, Map.of(), ""));
  }

  /** Takes the rack as it is now, and says by what name that is known. */
  String version(RackView rack) {
    return seen(rack).name();
  }

  private Seen seen(RackView rack) {
    Map<String, String> pieces = RackPage.pieces(rack);
    String spoken = RackPage.spoken(rack);
    return seen.updateAndGet(before -> after(before, pieces, spoken));
  }

  private Seen after(Seen before, Map<String, String> pieces, String spoken) {
    long next = before.version() + 1;
    // A rack file with other nodes, or other places of them, is another picture.
    boolean same = sameIds(before.since().keySet(), pieces.keySet());
    Map<String, Piece> now = new LinkedHashMap<>();
    boolean changed = !same;
    for (Map.Entry<String, String> piece : pieces.entrySet()) {
      Piece old = before.since().get(piece.getKey());
      boolean kept = old != null && old.text().equals(piece.getValue());
      now.put(piece.getKey(), kept ? old : new Piece(piece.getValue(), next));
      changed |= !kept;
    }
    return changed
        ? new Seen(same ? before.epoch() : start + "x" + next, next, now, spoken)
        : before;
  }

  private static boolean sameIds(Set<String> some, Set<String> others) {
    return some.equals(others);
  }

  /**
   * What has changed since a version.
   *
   * @return empty if the whole page has to be loaded; an empty text if nothing has changed
   */
  Optional<String> since(String version, RackView rack) {
    Seen now = seen(rack);
    if (version.equals(now.name())) {
      return Optional.of("");
    }
    String epoch = now.epoch() + "-";
    if (!version.startsWith(epoch) || !version.substring(epoch.length()).matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    long from = Long.parseLong(version.substring(epoch.length()));
    StringBuilder out = new StringBuilder(RackPage.poll(now.name()).written());
    now.since().values().stream()
        .filter(piece -> piece.version() > from)
        .forEach(piece -> out.append(piece.text()));
    out.append(Pages.spoken(now.spoken()).written());
    return Optional.of(out.toString());
  }
}
