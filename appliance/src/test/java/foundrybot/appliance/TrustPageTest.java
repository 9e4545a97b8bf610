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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/trust.md says which test proves what; each of these is there, and each known hole is. */
class TrustPageTest {
  private static final Path PAGE = Path.of("../docs/trust.md");

  /** A class, one of its methods, or classes inside it. */
  private static final Pattern TEST =
      Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`(?: \\(((?:A|An)[A-Z]\\w*(?:, \\w+)*)\\))?");

  /** Holes that were found in programs of this kind. */
  private static final List<String> HOLES =
      List.of(
          "CVE-2002-1209",
          "CVE-2006-1951",
          "CVE-2008-1410",
          "CVE-2008-1643",
          "CVE-2008-6195",
          "CVE-2012-2395",
          "CVE-2013-4786",
          "CVE-2014-0007",
          "CVE-2014-1426",
          "CVE-2015-1320",
          "CVE-2016-4985",
          "CVE-2018-10931",
          "CVE-2021-40323",
          "CVE-2022-0860",
          "CVE-2022-36103",
          "CVE-2022-3874",
          "CVE-2022-4087",
          "CVE-2023-30841",
          "CVE-2023-40547",
          "CVE-2023-45229",
          "CVE-2024-31463",
          "CVE-2024-43803",
          "CVE-2024-44082",
          "CVE-2024-47211",
          "CVE-2024-47533",
          "CVE-2024-54085",
          "CVE-2024-6107",
          "CVE-2024-6174",
          "CVE-2025-59824",
          "CVE-2025-62877",
          "CVE-2025-7044",
          "CVE-2026-43003",
          "CVE-2026-44917",
          "CVE-2026-44919",
          "CVE-2026-46447",
          "CVE-2026-48681",
          "CVE-2026-90461",
          "CVE-2026-97631",
          "GO-2025-3530",
          "OSSA-2025-001",
          "CWE-23");

  @Test
  void eachHoleThatIsKnownHasARowWithATest() throws IOException {
    List<String> rows = Files.readAllLines(PAGE).stream().filter(l -> l.startsWith("|")).toList();
    List<String> missing =
        HOLES.stream()
            .filter(
                hole -> rows.stream().noneMatch(row -> row.contains(hole) && row.contains("Test")))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void eachTestThatThePageNamesIsThere() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    Matcher named = TEST.matcher(Files.readString(PAGE));
    int count = 0;
    while (named.find()) {
      count++;
      String text = sources.getOrDefault(named.group(1), "");
      boolean method = named.group(2) == null || text.contains("void " + named.group(2) + "(");
      boolean inside =
          Optional.ofNullable(named.group(3)).stream()
              .flatMap(classes -> Stream.of(classes.split(", ", -1)))
              .allMatch(name -> text.contains("class " + name + " "));
      if (text.isEmpty() || !method || !inside) {
        missing.add(named.group());
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(count > 100, "tests that the page names: " + count);
  }

  /** By the names of the classes; two of one name are one text. */
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module :
        List.of(
            "bootserver", "ipxe", "answerfiles", "redfish", "images", "appliance", "test-rig")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src/test/java"))) {
        for (Path file : files.filter(it -> it.toString().endsWith("Test.java")).toList()) {
          String name = String.valueOf(file.getFileName()).replace(".java", "");
          sources.merge(name, Files.readString(file), String::concat);
        }
      }
    }
    return sources;
  }
}
