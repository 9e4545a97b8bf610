// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Schemas of JSON (JSON Schema 2020-12, as OpenAPI 3.1 has it) made of the very records that are
 * written, so that neither can differ from the other.
 */
final class ApiSchemas {
  /** Those of records, by their simple names. */
  private final Map<String, Object> named = new TreeMap<>();

  /** Whose name each is. */
  private final Map<String, Class<?>> owners = new TreeMap<>();

  Map<String, Object> named() {
    return named;
  }

  Map<String, Object> of(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      return generic.getRawType() == Map.class
          ? Map.of("type", "object", "additionalProperties", of(of[1]))
          : Map.of("type", "array", "items", of(of[0]));
    }
    if (!(type instanceof Class<?> known)) {
      throw new IllegalArgumentException("no schema of " + type);
    }
    if (known.isRecord()) {
      return reference(known);
    }
    if (known.isEnum()) {
      return Map.of(
          "type",
          "string",
          "enum",
          Arrays.stream(known.getEnumConstants()).map(Object::toString).toList());
    }
    return Map.of("type", plain(known));
  }

  private static String plain(Class<?> type) {
    return switch (type.getName()) {
      case "int", "long", "java.lang.Integer", "java.lang.Long" -> "integer";
      case "double", "java.lang.Double" -> "number";
      case "boolean", "java.lang.Boolean" -> "boolean";
      case "java.lang.String" -> "string";
      default -> throw new IllegalArgumentException("no schema of " + type);
    };
  }

  /** With that of what it is a part of, where another record has the simple one already. */
  private String name(Class<?> type) {
    String simple = type.getSimpleName();
    Class<?> owner = owners.computeIfAbsent(simple, _ -> type);
    Class<?> whole = type.getEnclosingClass();
    return owner == type || whole == null ? simple : whole.getSimpleName() + simple;
  }

  private Map<String, Object> reference(Class<?> type) {
    String name = name(type);
    if (!named.containsKey(name)) {
      // At once, since a record may hold its own kind.
      named.put(name, Map.of());
      Map<String, Object> properties = new LinkedHashMap<>();
      for (RecordComponent component : type.getRecordComponents()) {
        properties.put(component.getName(), of(component.getGenericType()));
      }
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("type", "object");
      schema.put("properties", properties);
      schema.put("required", List.copyOf(properties.keySet()));
      named.put(name, schema);
    }
    return Map.of("$ref", "#/components/schemas/" + name);
  }
}
