// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a BMC says of something, read leniently: a property may be missing, null, of another type,
 * or written in other letters; none of that is an error, it is "not told".
 */
record Props(JsonNode node) {

  /** Deeper is no resource. */
  static final int MAX_DEPTH = 64;

  /** Of one array. */
  static final int MAX_ITEMS = 2_000;

  private static final int MAX_TEXT = 4096;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(1 << 20)
                          .maxNumberLength(100)
                          .build())
                  .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
                  .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
                  .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
                  .build())
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** What stands for bytes that are no UTF-8. */
  private static final char NO_CHARACTER = '\uFFFD';

  static final Props NOTHING = new Props(JsonNodeFactory.instance.objectNode());

  /**
   * An object in JSON, with or without a byte order mark, whatever its Content-Type says. What
   * stands behind it does not count, nor do control characters and bytes of other codes in its
   * texts: serial numbers and asset tags are what somebody once wrote into a chip. Nor do the slips
   * of firmware that writes its JSON by hand: a comma too many, NaN, a number with zeros in front.
   *
   * @return empty for what is no JSON object: HTML, a cut-off answer
   */
  static Optional<Props> read(byte[] body) {
    int start = startsWithMark(body) ? 3 : 0;
    try {
      return object(MAPPER.readTree(body, start, body.length - start));
    } catch (JacksonException e) {
      return repaired(new String(body, start, body.length - start, StandardCharsets.UTF_8));
    }
  }

  private static Optional<Props> repaired(String text) {
    try {
      return text.indexOf(NO_CHARACTER) < 0 ? Optional.empty() : object(MAPPER.readTree(text));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static Optional<Props> object(@Nullable JsonNode node) {
    return node != null && node.isObject() ? Optional.of(new Props(node)) : Optional.empty();
  }

  private static boolean startsWithMark(byte[] body) {
    return body.length >= 3
        && body[0] == (byte) 0xEF
        && body[1] == (byte) 0xBB
        && body[2] == (byte) 0xBF;
  }

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  static byte[] bytes(ObjectNode body) {
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What is under these names, one in the other; an empty object where one is missing. */
  Props at(String... path) {
    Props here = this;
    for (String name : path) {
      here = new Props(here.child(name));
    }
    return here.node.isObject() ? here : NOTHING;
  }

  /** A text; of a number or truth value, as it is written. */
  Optional<String> text(String... path) {
    JsonNode found = last(path);
    if (!found.isValueNode() || found.isNull()) {
      return Optional.empty();
    }
    String text = found.asString("").strip();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(text.substring(0, Math.min(MAX_TEXT, text.length())));
  }

  String textOrEmpty(String... path) {
    return text(path).orElse("");
  }

  OptionalLong number(String... path) {
    OptionalDouble found = decimal(path);
    return found.isPresent() ? OptionalLong.of((long) found.getAsDouble()) : OptionalLong.empty();
  }

  OptionalDouble decimal(String... path) {
    try {
      Optional<String> text = text(path);
      return text.isPresent()
          ? OptionalDouble.of(Double.parseDouble(text.get()))
          : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  Optional<Boolean> flag(String... path) {
    return switch (textOrEmpty(path).toLowerCase(Locale.ROOT)) {
      case "true", "yes", "enabled" -> Optional.of(true);
      case "false", "no", "disabled" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** Whether the property is there at all, be it null. */
  boolean has(String... path) {
    return !last(path).isMissingNode();
  }

  /** The objects of an array; one that stands alone counts as an array of one. */
  List<Props> items(String... path) {
    JsonNode found = last(path);
    if (found.isObject()) {
      return List.of(new Props(found));
    }
    List<Props> items = new ArrayList<>();
    for (JsonNode item : found) {
      if (item.isObject() && items.size() < MAX_ITEMS) {
        items.add(new Props(item));
      }
    }
    return items;
  }

  /** The texts of an array; one that stands alone counts as an array of one. */
  List<String> texts(String... path) {
    JsonNode found = last(path);
    if (found.isString()) {
      return text(path).stream().toList();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : found.isArray() ? found : NOTHING.node) {
      if (item.isString() && !item.asString().isBlank() && texts.size() < MAX_ITEMS) {
        texts.add(item.asString().strip());
      }
    }
    return texts;
  }

  /** Where a reference leads: {@code {"@odata.id": "/redfish/v1/Systems/1"}}. */
  Optional<String> link(String... path) {
    JsonNode found = last(path);
    return found.isObject()
        ? new Props(found).text("@odata.id")
        : found.isString() ? text(path) : Optional.empty();
  }

  /** The same of an array; one that stands alone counts as an array of one. */
  List<String> links(String... path) {
    List<String> links = new ArrayList<>();
    items(path).forEach(item -> item.text("@odata.id").ifPresent(links::add));
    links.addAll(texts(path));
    return links;
  }

  /** What a JSON pointer leads to; an empty object where that is none, or leads nowhere. */
  Props pointed(String pointer) {
    if (pointer.isEmpty() || pointer.equals("/")) {
      return this;
    }
    JsonNode found =
        node.at(JsonPointer.compile(pointer.startsWith("/") ? pointer : "/" + pointer));
    return found.isObject() ? new Props(found) : NOTHING;
  }

  private JsonNode last(String... path) {
    Props parent = at(Arrays.copyOf(path, path.length - 1));
    return parent.child(path[path.length - 1]);
  }

  private JsonNode child(String name) {
    JsonNode exact = node.path(name);
    if (!exact.isMissingNode()) {
      return exact;
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        return entry.getValue();
      }
    }
    return exact;
  }
}
