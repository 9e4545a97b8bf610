// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.live;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Where each node stands now, in the order in which it came to that: who is slow misses what lay
 * between, and nothing is kept for it. Guarded by its owner.
 */
final class Board {
  private final NavigableMap<Long, Placed> newest = new TreeMap<>();
  private final Map<String, Live.Node> lines = new HashMap<>();
  private final Map<String, Long> orders = new HashMap<>();
  private long order;

  /** Whether that line would be told. */
  boolean isNews(Live.Node line) {
    Live.Node known = lines.get(line.name());
    return known == null || !known.state().equals(line.state());
  }

  /**
   * Takes the present lines; tells whether one has changed.
   *
   * @param json of a line that has
   */
  boolean replace(List<Live.Node> present, Function<Live.Node, byte[]> json) {
    long before = order;
    Set<String> names = new HashSet<>();
    for (Live.Node line : present) {
      names.add(line.name());
      if (isNews(line)) {
        lines.put(line.name(), line);
        put(line.name(), line.mac(), Frames.event("status", json.apply(line)));
      }
    }
    for (Live.Node gone : List.copyOf(lines.values())) {
      if (!names.contains(gone.name())) {
        lines.remove(gone.name());
        // A name of the rack file needs no escape in JSON.
        String name = "{\"name\":\"" + gone.name() + "\"}";
        put(
            gone.name(),
            gone.mac(),
            Frames.event("removed", name.getBytes(StandardCharsets.UTF_8)));
      }
    }
    return order != before;
  }

  private void put(String name, String mac, byte[] frame) {
    Long before = orders.put(name, ++order);
    if (before != null) {
      newest.remove(before);
    }
    newest.put(order, new Placed(order, mac, frame));
  }

  /** What came to be after that, oldest first. */
  Iterable<Placed> after(long heard) {
    return newest.tailMap(heard, false).values();
  }

  /** Nobody listens any more, so nobody has to be told who is gone. */
  void clear() {
    newest.clear();
    lines.clear();
    orders.clear();
  }
}
