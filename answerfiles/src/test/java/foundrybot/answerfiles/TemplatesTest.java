// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.samskivert.mustache.Mustache;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TemplatesTest {
  private static final Mustache.Escaper PLAIN = text -> text;

  private static String fault(String source, Map<String, Object> values) {
    return String.valueOf(
        assertThrows(
                RenderException.class,
                () -> Templates.render("t.cfg", source, values, Escapers.PRESEED))
            .getMessage());
  }

  @Test
  void anUndefinedNameFailsWithFileLineAndName() {
    assertEquals("t.cfg:2: b: no value for this name", fault("{{a}}\n{{b}}\n", Map.of("a", "x")));
    assertEquals("t.cfg:1: b: no value for this name", fault("{{#b}}x{{/b}}\n", Map.of("a", "x")));
    assertEquals("t.cfg:1: b: no value for this name", fault("{{^b}}x{{/b}}\n", Map.of("a", "x")));
  }

  @Test
  void methodsOfJavaObjectsAreOutOfReach() {
    for (String name : List.of("length", "hashCode", "class", "bytes", "a.length", "a.class")) {
      assertTrue(
          fault("{{#a}}{{" + name + "}}{{/a}}", Map.of("a", List.of("x"))).contains("t.cfg:1"));
    }
  }

  @Test
  void anotherTemplateIsOutOfReach() {
    assertTrue(fault("{{>/etc/passwd}}", Map.of()).contains("no other template"));
  }

  @Test
  void aValueThatDoesNotFitTheKindFailsWithTheFile() {
    assertTrue(fault("d-i a/b string {{a}}\n", Map.of("a", "x\ny")).startsWith("t.cfg: x\\ny "));
  }

  @Test
  void outputHasALimit() {
    List<Map<String, Object>> rows =
        IntStream.range(0, 10_000)
            .<Map<String, Object>>mapToObj(i -> Map.of("v", "x".repeat(99)))
            .toList();
    assertTrue(fault("{{#a}}{{v}}{{/a}}", Map.of("a", rows)).contains("at most 262144"));
  }

  @Test
  void singleBracesAndShellSyntaxStay() {
    String source = "method{ efi } ${X} $(x) `y`\n{{#a}}\n{{v}}\n{{/a}}\n";
    Map<String, Object> values = Map.of("a", List.of(Map.of("v", "1"), Map.of("v", "2")));
    assertEquals(
        "method{ efi } ${X} $(x) `y`\n1\n2\n", Templates.render("t", source, values, PLAIN));
  }
}
