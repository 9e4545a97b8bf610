// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When each piece of the rack's page last changed, so that a browser is sent what it has not seen
 * and nothing else, however large the rack is. All browsers share it.
 */
public final class Changes {
  /**
   * What was last shown.
   *
   * @param rack of which all of this was made; empty at first
   * @param epoch a browser of another one has to load the whole page
   * @param since by id of a piece: its text, and the version with which it came
   */
  private record Seen(
      Optional<RackView> rack,
      String epoch,
      long version,
      Map<String, Piece> since,
      String spoken) {
    String name() {
      return epoch + "-" + version;
    }
  }

  private record Piece(String text, long version) {}

  private final String start;
  private Seen seen;
  private long rendered;

  /**
   * Nothing was shown yet.
   *
   * @param start differs from one start of the appliance to the next; letters and digits
   */
  public Changes(String start) {
    this.start = start;
    this.seen = new Seen(Optional.empty(), start + "x0", 0, Map.of(), "");
  }

  /** Takes the rack as it is now, and says by what name that is known. */
  public String version(RackView rack) {
    return seen(rack).name();
  }

  /** How many cells were made into text so far: one for each change of a node, for all browsers. */
  synchronized long rendered() {
    return rendered;
  }

  private synchronized Seen seen(RackView rack) {
    if (seen.rack().isEmpty() || !seen.rack().get().equals(rack)) {
      seen = after(seen, rack);
    }
    return seen;
  }

  private Seen after(Seen before, RackView rack) {
    long next = before.version() + 1;
    // A rack file with other nodes, or other places of them, is another picture.
    boolean same =
        before.rack().map(RackPage::layout).filter(RackPage.layout(rack)::equals).isPresent();
    Map<String, Piece> now = new LinkedHashMap<>();
    boolean changed = !same;
    for (Map.Entry<String, String> piece : pieces(before, rack, same).entrySet()) {
      Piece old = before.since().get(piece.getKey());
      boolean kept = old != null && old.text().equals(piece.getValue());
      now.put(piece.getKey(), kept ? old : new Piece(piece.getValue(), next));
      changed |= !kept;
    }
    Optional<RackView> taken = Optional.of(rack);
    return changed
        ? new Seen(
            taken, same ? before.epoch() : start + "x" + next, next, now, RackPage.spoken(rack))
        : new Seen(taken, before.epoch(), before.version(), before.since(), before.spoken());
  }

  /** Only what may have become another text is written anew. */
  private Map<String, String> pieces(Seen before, RackView rack, boolean same) {
    Map<String, String> pieces = RackPage.shared(rack);
    for (int i = 0; i < rack.nodes().size(); i++) {
      NodeView node = rack.nodes().get(i);
      String id = RackPage.id(node);
      Optional<Piece> kept =
          same && before.rack().orElseThrow().nodes().get(i).equals(node)
              ? Optional.ofNullable(before.since().get(id))
              : Optional.empty();
      pieces.put(id, kept.map(Piece::text).orElseGet(() -> rendered(node)));
    }
    return pieces;
  }

  private String rendered(NodeView node) {
    rendered++;
    return RackPage.cell(node).written();
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
