// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values in groups, of which one is made when a name is asked for that no group before it has. A
 * kernel's arguments need two or three names, and a rack that is switched on asks for them
 * thousands of times in a few seconds; the files of a network card take a hundred times as long to
 * make as these. For one thread.
 */
final class LazyValues extends AbstractMap<String, Object> {
  private final List<Supplier<Map<String, Object>>> groups;
  private final List<Map<String, Object>> made = new ArrayList<>();

  /**
   * @param groups what is cheap or often needed first; each is asked once, and no name may be in
   *     two
   */
  LazyValues(List<Supplier<Map<String, Object>>> groups) {
    this.groups = List.copyOf(groups);
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    for (int i = 0; i < groups.size(); i++) {
      Object value = group(i).get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return get(name) != null;
  }

  /** Makes all that is not made yet. */
  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    Map<String, Object> all = new LinkedHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      all.putAll(group(i));
    }
    return all.entrySet();
  }

  /** How many groups have been asked for so far. */
  int groupsMade() {
    return made.size();
  }

  private Map<String, Object> group(int index) {
    if (index == made.size()) {
      made.add(groups.get(index).get());
    }
    return made.get(index);
  }
}
