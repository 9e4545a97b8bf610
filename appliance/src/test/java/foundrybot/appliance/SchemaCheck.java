// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Checks JSON against the part of JSON Schema that the description uses, and complains about every
 * keyword that it does not know. A property that is not described is a fault, too.
 */
final class SchemaCheck {
  private static final Set<String> KNOWN =
      Set.of("$ref", "type", "properties", "required", "items", "enum", "additionalProperties");

  private final JsonNode whole;
  private final List<String> faults = new ArrayList<>();

  SchemaCheck(JsonNode whole) {
    this.whole = whole;
  }

  /** What is wrong with the value; empty if nothing. */
  List<String> faults(JsonNode schema, JsonNode value) {
    faults.clear();
    check("$", schema, value);
    return List.copyOf(faults);
  }

  private void check(String where, JsonNode schema, JsonNode value) {
    schema.propertyNames().stream()
        .filter(keyword -> !KNOWN.contains(keyword))
        .forEach(keyword -> faults.add(where + ": keyword " + keyword + " is not checked"));
    if (schema.has("$ref")) {
      check(where, whole.at(schema.get("$ref").asString().substring(1)), value);
      return;
    }
    String type = schema.path("type").asString();
    boolean right =
        switch (type) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isString();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          default -> false;
        };
    if (!right) {
      faults.add(where + ": " + value + " (expected: " + type + ")");
      return;
    }
    if (schema.has("enum") && schema.get("enum").valueStream().noneMatch(value::equals)) {
      faults.add(where + ": " + value + " (expected: one of " + schema.get("enum") + ")");
    }
    if (type.equals("array")) {
      for (int i = 0; i < value.size(); i++) {
        check(where + "[" + i + "]", schema.get("items"), value.get(i));
      }
    }
    if (type.equals("object")) {
      object(where, schema, value);
    }
  }

  private void object(String where, JsonNode schema, JsonNode value) {
    schema
        .path("required")
        .forEach(
            name -> {
              if (!value.has(name.asString())) {
                faults.add(where + ": no " + name.asString());
              }
            });
    for (Map.Entry<String, JsonNode> one : value.properties()) {
      JsonNode own = schema.path("properties").path(one.getKey());
      JsonNode of = own.isMissingNode() ? schema.path("additionalProperties") : own;
      if (of.isMissingNode()) {
        faults.add(where + ": " + one.getKey() + " is not described");
      } else {
        check(where + "." + one.getKey(), of, one.getValue());
      }
    }
  }
}
