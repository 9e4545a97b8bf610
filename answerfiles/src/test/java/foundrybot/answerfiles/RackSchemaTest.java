// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RackSchemaTest {
  private final JsonNode schema = JsonMapper.shared().readTree(RackSchema.json());

  @Test
  void theSchemaNamesItsDraftAndRefusesUnknownKeys() {
    assertEquals("https://json-schema.org/draft/2020-12/schema", schema.get("$schema").asString());
    assertEquals(false, schema.get("additionalProperties").asBoolean());
    assertEquals(5, schema.get("required").size());
  }

  @Test
  void theSchemaIsTheSameEveryTime() {
    assertEquals(RackSchema.json(), RackSchema.json());
  }

  @Test
  void aNodeIsARoleOrAMapping() {
    JsonNode node = schema.at("/properties/nodes/additionalProperties/anyOf");
    assertEquals("string", node.get(0).get("type").asString());
    assertEquals("role", node.get(1).get("required").get(0).asString());
  }

  @Test
  void everyPatternIsOneThatTheReaderUnderstandsToo() {
    List<String> patterns = new ArrayList<>();
    schema.findValues("pattern").forEach(pattern -> patterns.add(pattern.asString()));
    assertTrue(patterns.size() > 10);
    patterns.forEach(java.util.regex.Pattern::compile);
    String mac = schema.at("/properties/nodes/propertyNames/pattern").asString();
    assertTrue("52:54:00:aa:00:01".matches(mac));
  }

  @Test
  void everyKeyStandsInTheUsersPageWithItsDefault() throws IOException {
    String page = Files.readString(Path.of("../docs/rack-file.md"));
    List<String> missing = new ArrayList<>();
    collect(RackKeys.ROOT, "", page, missing);
    assertEquals(List.of(), missing);
  }

  private static void collect(Shape shape, String path, String page, List<String> missing) {
    switch (shape) {
      case Shape.Mapping mapping -> {
        for (Shape.Key key : mapping.keys()) {
          String name = path.isEmpty() ? key.name() : path + "." + key.name();
          String fallback = key.required() ? "required" : key.fallback();
          String row = "| `" + name + "` | " + fallback + " | ";
          if (!page.contains(row)) {
            missing.add(row + key.meaning() + " |");
          }
          collect(key.shape(), name, page, missing);
        }
      }
      case Shape.Table table -> collect(table.value(), path + ".*", page, missing);
      case Shape.Brief brief -> collect(brief.full(), path, page, missing);
      case Shape.Scalar _, Shape.Text _, Shape.Items _, Shape.Document _ -> {}
    }
  }
}
