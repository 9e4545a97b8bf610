// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.proxmox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an answer holds, read leniently: the API prints numbers as numbers or as texts, truth as 0
 * and 1, and leaves out what is not set.
 */
record Data(JsonNode node) {
  /** The API's answers are flat. */
  private static final int DEEPEST = 32;

  static final Data NOTHING = new Data(MissingNode.getInstance());

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .build();

  /** The object of an answer; nothing of what is none. */
  static Optional<Data> read(byte[] body) {
    try {
      return MAPPER.readTree(body) instanceof ObjectNode object
          ? Optional.of(new Data(object))
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  Data at(String name) {
    return new Data(node.path(name));
  }

  /** A text, or a number as text; empty where it is neither. */
  String text() {
    return node.isValueNode() && !node.isNull() ? node.asString("") : "";
  }

  String text(String name) {
    return at(name).text();
  }

  /** A number that is not negative, however it is written. */
  Optional<Long> number(String name) {
    String text = text(name).replaceFirst("\\.0*$", "");
    return text.matches("\\d{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }

  boolean flag(String name) {
    String text = text(name);
    return text.equals("1") || text.equals("true");
  }

  /** Members of a list; none of what is no list. */
  List<Data> items() {
    List<Data> items = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(item -> items.add(new Data(item)));
    }
    return items;
  }

  /** Names and values of an object, those that are texts or numbers. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getValue().isValueNode()) {
        texts.put(entry.getKey(), new Data(entry.getValue()).text());
      }
    }
    return texts;
  }
}
