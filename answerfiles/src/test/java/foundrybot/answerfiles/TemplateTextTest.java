// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TemplateTextTest {
  private static String fault(String source, Map<String, Object> values) {
    return String.valueOf(
        assertThrows(
                RenderException.class,
                () -> TemplateText.of("t.cfg", 1, source, TextFormat.PRESEED).render(values))
            .getMessage());
  }

  @Test
  void anUndefinedNameFailsWithFileLineAndName() {
    String what = ": disk: no value for this name (expected: a name of docs/answer-files.md)";
    Map<String, Object> values = Map.of("a", "x");
    assertEquals("t.cfg:2" + what, fault("{{a}}\n{{disk}}\n", values));
    assertEquals("t.cfg:1" + what, fault("{{#disk}}x{{/disk}}\n", values));
    assertEquals("t.cfg:1" + what, fault("{{^disk}}x{{/disk}}\n", values));
    assertTrue(fault("{{disc}}", Map.of("disk", "x")).contains("did you mean disk?"));
  }

  @Test
  void noTagGoesPastTheEscaper() {
    for (String tag : List.of("{{{a}}}", "{{&a}}", "{{ & a}}", "{{=<% %>=}}", "{{>a}}", "{{$a}}")) {
      assertTrue(fault("x\n" + tag, Map.of("a", "b")).startsWith("t.cfg:2: {{"), tag);
    }
  }

  @Test
  void aTagWithoutANameIsRefusedWithItsLine() {
    for (String tag :
        List.of("{{}}", "{{ }}", "{{\n}}", "{{\0}}", "{{#}}x{{/}}", "{{^ }}x{{/ }}")) {
      assertTrue(fault("x\n" + tag, Map.of()).startsWith("t.cfg:2: {{"), tag);
    }
  }

  @Test
  void aBrokenTemplateIsRefusedWithItsLine() {
    assertTrue(fault("x\n{{#a}}\n", Map.of()).startsWith("t.cfg:2: "));
    assertTrue(fault("x\n{{/a}}\n", Map.of()).startsWith("t.cfg:2: "));
  }

  @Test
  void severalValuesBecomeOneOfTheFormatAroundThem() {
    Map<String, Object> values = Map.of("a", "it's", "list", List.of("p", "q"));
    String source =
        "{{#text}}{{a}} \"{{a}}\"{{/text}} {{#shell}}echo {{a}}/x{{/shell}}"
            + " {{#base64}}{{a}}{{/base64}} [{{#list}}{{#word}}{{.}}{{/word}},{{/list}}]";
    assertEquals(
        "\"it's \\\"it's\\\"\" \"echo 'it'\\\\''s'/x\" \"aXQncw==\" [p,q,]",
        TemplateText.of("t", 1, source, TextFormat.YAML).render(values));
    assertTrue(fault("{{#word}}{{a}}{{/word}}", values).contains("it's (expected: letters"));
  }

  @Test
  void methodsOfJavaObjectsAreOutOfReach() {
    for (String name : List.of("length", "hashCode", "class", "bytes", "a.length", "a.class")) {
      assertTrue(
          fault("{{#a}}{{" + name + "}}{{/a}}", Map.of("a", List.of("x"))).contains("t.cfg:1"));
    }
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
        "method{ efi } ${X} $(x) `y`\n1\n2\n",
        TemplateText.of("t", 1, source, TextFormat.TEXT).render(values));
  }
}
