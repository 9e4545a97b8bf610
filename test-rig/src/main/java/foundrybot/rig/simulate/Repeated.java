// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.appliance.cli.UserRack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A rack file whose nodes are there many times over: each further one has a MAC and a name of its
 * own, no fixed address, and else what the node that it repeats has.
 */
final class Repeated {
  private Repeated() {}

  /** The text of the larger, or smaller, rack file. */
  static String text(String yaml, int nodes) {
    Map<Object, Object> root = map(loaded(yaml));
    List<Map.Entry<Object, Object>> own = new ArrayList<>(map(root.get("nodes")).entrySet());
    if (own.isEmpty()) {
      throw UserRack.refused("nodes: none (expected: one at least, to be repeated)");
    }
    Map<Object, Object> more = new LinkedHashMap<>();
    for (int i = 0; i < nodes; i++) {
      Map.Entry<Object, Object> model = own.get(i % own.size());
      if (i < own.size()) {
        more.put(model.getKey(), model.getValue());
      } else {
        more.put(mac(i), again(model.getValue(), i + 1));
      }
    }
    root.put("nodes", more);
    return new Dump(DumpSettings.builder().build()).dumpToString(root);
  }

  private static Object loaded(String yaml) {
    try {
      return new Load(LoadSettings.builder().build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw UserRack.refused("the rack file is not YAML: " + e.getMessage());
    }
  }

  private static Map<Object, Object> map(@Nullable Object value) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> found) {
      map.putAll(found);
    }
    return map;
  }

  /** Locally administered, so that no real card has it. */
  private static String mac(int number) {
    return String.format(
        Locale.ROOT, "0a:fb:00:%02x:%02x:%02x", number >> 16, number >> 8 & 0xff, number & 0xff);
  }

  private static Object again(Object model, int number) {
    if (!(model instanceof Map<?, ?>)) {
      return model;
    }
    Map<Object, Object> node = map(model);
    node.remove("address");
    node.remove("endpoint");
    Object name = node.get("name");
    if (name != null) {
      node.put("name", name + "-" + number);
    }
    return node;
  }
}
