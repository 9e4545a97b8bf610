// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol-facts.md} names a test for each fact: all of them are there. */
class ProtocolFactsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern TEST =
      Pattern.compile("`([A-Z][A-Za-z0-9]*Test)(?:\\.([a-z][A-Za-z0-9]*))?`");

  /** Texts by class; two of the same name in different packages count as one. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> texts = new HashMap<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path tree : modules.map(m -> m.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tree)) {
          try (Stream<Path> files =
              Files.find(tree, 16, (path, _) -> path.toString().endsWith("Test.java"))) {
            for (Path file : files.toList()) {
              String name = String.valueOf(file.getFileName()).replace(".java", "");
              texts.merge(name, Files.readString(file), String::concat);
            }
          }
        }
      }
    }
    return texts;
  }

  @Test
  void eachFactHasATest() throws IOException {
    Map<String, String> tests = tests();
    List<String> faults = new ArrayList<>();
    int facts = 0;
    for (String line : Files.readAllLines(ROOT.resolve("docs/protocol-facts.md"))) {
      if (!line.startsWith("| ") || line.startsWith("| fact |")) {
        continue;
      }
      facts++;
      String last = line.substring(line.lastIndexOf(" | ") + 3);
      Matcher named = TEST.matcher(last);
      // A dash stands where something is not done at all.
      if (!last.startsWith("- ") && !named.find()) {
        faults.add("no test: " + line);
      }
      named.reset();
      while (named.find()) {
        String text = tests.getOrDefault(named.group(1), "");
        String method = named.group(2);
        if (text.isEmpty() || (method != null && !text.contains("void " + method + "("))) {
          faults.add("not there: " + named.group());
        }
      }
    }
    assertEquals(List.of(), faults);
    assertTrue(facts > 50, facts + " facts");
  }
}
