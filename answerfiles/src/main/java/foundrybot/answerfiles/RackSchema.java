// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rack file's JSON Schema (draft 2020-12), for editors.
 *
 * <p>Made from the table of keys that the reader follows. It cannot say what holds between values
 * (duplicate names, addresses and subnets), so {@code validate} has the last word.
 */
public final class RackSchema {
  private RackSchema() {}

  /** The schema as JSON text, the same for every call. */
  public static String json() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "FoundryBot rack file");
    root.putAll(of(RackKeys.ROOT));
    return JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(root)
            .replace("\r\n", "\n")
        + "\n";
  }

  private static Map<String, Object> of(Shape shape) {
    Map<String, Object> schema = new LinkedHashMap<>();
    switch (shape) {
      case Shape.Scalar scalar -> schema.putAll(of(scalar.rule()));
      case Shape.Text text -> schema.putAll(of(text.rule()));
      case Shape.Items items -> {
        schema.put("type", "array");
        schema.put("items", of(items.item()));
        schema.put("minItems", items.least());
        schema.put("maxItems", items.most());
      }
      case Shape.Mapping mapping -> schema.putAll(of(mapping));
      case Shape.Table table -> {
        schema.put("type", "object");
        schema.put("propertyNames", of(table.key()));
        schema.put("additionalProperties", of(table.value()));
        schema.put("minProperties", table.least());
        schema.put("maxProperties", table.most());
      }
      case Shape.Brief brief -> schema.put("anyOf", List.of(of(brief.rule()), of(brief.full())));
      case Shape.Document document ->
          schema.put("anyOf", List.of(of(document.file()), Map.of("type", "object")));
    }
    return schema;
  }

  /** Sorted, as the order in a {@code Map.of} changes from run to run. */
  private static Map<String, Object> of(Rule rule) {
    return new TreeMap<>(rule.schema());
  }

  private static Map<String, Object> of(Shape.Mapping mapping) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Shape.Key key : mapping.keys()) {
      Map<String, Object> property = new LinkedHashMap<>();
      String fallback = key.fallback().isEmpty() ? "" : " Default: " + key.fallback() + ".";
      property.put("description", key.meaning() + fallback);
      property.putAll(of(key.shape()));
      properties.put(key.name(), property);
      if (key.required()) {
        required.add(key.name());
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }
}
