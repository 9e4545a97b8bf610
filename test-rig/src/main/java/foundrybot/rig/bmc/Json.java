// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Resources are maps in the order in which they are printed. */
final class Json {
  /** JSON's null, which no map of ours holds. */
  static final JsonNode NULL = JsonNodeFactory.instance.nullNode();

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** Names and values in turn; what is an empty {@link Optional} is left out. */
  static Map<String, Object> object(Object... pairs) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      String name = (String) pairs[i];
      Object value = pairs[i + 1];
      if (value instanceof Optional<?> optional) {
        optional.ifPresent(present -> object.put(name, present));
      } else {
        object.put(name, value);
      }
    }
    return object;
  }

  /** {@code {"@odata.id": path}}. */
  static Map<String, Object> link(String path) {
    return object("@odata.id", path);
  }

  static List<Map<String, Object>> links(List<String> paths) {
    return paths.stream().map(Json::link).toList();
  }

  static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** The object in a request; empty where there is none or it cannot be read. */
  static Optional<ObjectNode> read(String text) {
    if (text.isBlank()) {
      return Optional.of(JsonNodeFactory.instance.objectNode());
    }
    try {
      return MAPPER.readTree(text) instanceof ObjectNode object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
