// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Follows dependencies the way the installer's small tools do: debootstrap and anna take the first
 * alternative and know no version comparison, so what they need is not always what apt would pick.
 */
final class Closure {
  private final Map<String, Stanza> byName = new HashMap<>();
  private final Map<String, List<String>> providers = new HashMap<>();
  private final Set<String> alreadyThere;

  /**
   * @param packages the packages to choose from, one per name
   * @param alreadyThere names (also virtual ones) that need nothing more
   */
  Closure(Collection<Stanza> packages, Set<String> alreadyThere) {
    this.alreadyThere = Set.copyOf(alreadyThere);
    for (Stanza stanza : packages) {
      String name = stanza.get("Package");
      byName.put(name, stanza);
      for (String provided : names(stanza.get("Provides"))) {
        providers.computeIfAbsent(provided, _ -> new ArrayList<>()).add(name);
      }
    }
  }

  /** All real names that the roots need, the roots included, sorted. */
  Set<String> of(Collection<String> roots) {
    Set<String> seen = new LinkedHashSet<>();
    Deque<String> todo = new ArrayDeque<>(roots);
    while (!todo.isEmpty()) {
      String name = todo.pop();
      if (alreadyThere.contains(name) || !seen.add(name)) {
        continue;
      }
      Stanza stanza = byName.get(name);
      if (stanza == null) {
        todo.addAll(only(providers.getOrDefault(name, List.of())));
      } else {
        Stream.of("Pre-Depends", "Depends").forEach(f -> todo.addAll(names(stanza.get(f))));
      }
    }
    Set<String> real = new TreeSet<>(seen);
    real.removeIf(name -> !byName.containsKey(name) && providers.containsKey(name));
    return real;
  }

  /** A virtual name is a need only where there is no choice. */
  private static List<String> only(List<String> choices) {
    return choices.size() == 1 ? choices : List.of();
  }

  /** The first alternative of each part of a relation field, without version and architecture. */
  static List<String> names(String relation) {
    return Arrays.stream(relation.split(",", -1))
        .map(part -> part.split("\\|", 2)[0].strip().split("[\\s:(\\[]", 2)[0])
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
