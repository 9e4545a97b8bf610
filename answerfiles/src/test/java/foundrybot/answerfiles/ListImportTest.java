// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListImportTest {
  private static final String LIST =
      """
      # the first rack
      52:54:00:aa:00:01 hub
      5254.00AA.0002\tworker  w1   # under the desk

      52-54-00-aa-00-03 database
      """;

  private static String yaml(String list) {
    return assertInstanceOf(ListReading.Converted.class, ListImport.toYaml(list, "list")).yaml();
  }

  private static List<String> faults(String list) {
    ListReading reading = ListImport.toYaml(list, "list");
    return assertInstanceOf(ListReading.Invalid.class, reading).faults().stream()
        .map(Fault::toString)
        .toList();
  }

  @Test
  void aListBecomesARackFileThatSaysWhatIsMissing() {
    Golden.check("imported.yaml", yaml(LIST));
  }

  @Test
  void validatingTheResultPointsAtExactlyThePlacesToFillIn() {
    String yaml = yaml(LIST);
    List<String> faults = Samples.faults(yaml);
    assertEquals(2, faults.size(), faults::toString);
    for (String fault : faults) {
      int line = Integer.parseInt(fault.replaceAll("rack.yaml:(\\d+):.*", "$1"));
      int column = Integer.parseInt(fault.replaceAll("rack.yaml:\\d+:(\\d+):.*", "$1"));
      String place = yaml.lines().toList().get(line - 1).substring(column - 1);
      assertTrue(place.replace("\"", "").startsWith(ListImport.FILL_IN), fault);
    }
  }

  @Test
  void theFilledInResultIsARack() {
    String yaml =
        yaml(LIST)
            .replace("address: FILL-IN", "address: 10.77.0.1/24")
            .replace("[\"FILL-IN\"]", "[\"" + Samples.KEY + "\"]");
    RackFile rack = Samples.rack(yaml);
    assertEquals(
        List.of("hub-1", "w1", "database-1"), rack.nodes().stream().map(Node::name).toList());
  }

  @Test
  void wordsThatYamlWouldTakeForSomethingElseAreQuoted() {
    assertTrue(yaml("52:54:00:aa:00:01 hub no\n").contains("name: \"no\""));
    assertTrue(yaml("52:54:00:aa:00:01 hub 12\n").contains("name: \"12\""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "52:54:00:aa:00:0x hub|list:1:1: 52:54:00:aa:00:0x (expected: the MAC of",
        "01:54:00:aa:00:01 hub|list:1:1: 01:54:00:aa:00:01 (expected: the MAC of",
        "52:54:00:aa:00:01 wroker|list:1:19: wroker (expected: one of hub,",
        "52:54:00:aa:00:01 Hub_1|list:1:19: Hub_1 (expected: 1..63 lower-case",
        "52:54:00:aa:00:01 hub a.b|list:1:23: a.b (expected: 1..63 lower-case",
        "52:54:00:aa:00:01|list:1:1: 52:54:00:aa:00:01 (expected: MAC role [name])",
        "52:54:00:aa:00:01 hub a b|list:1:25: b (expected: MAC role [name])",
        "# nothing|list:1:1: no machine (expected: lines of: MAC role [name])",
      })
  void aFaultHasItsPlace(String line, String begin) {
    List<String> faults = faults(line + "\n");
    assertEquals(1, faults.size(), faults::toString);
    assertTrue(faults.getFirst().startsWith(begin), faults::toString);
  }

  @Test
  void allFaultsAreReportedAtOnce() {
    List<String> faults =
        faults(
            "52:54:00:aa:00:01 hub a\n525400aa0001 hub a\nx hub\n52:54:00:aa:00:02 hub \u001b\n");
    assertEquals(
        List.of("list:2:1", "list:2:18", "list:3:1", "list:4:1"),
        faults.stream().map(fault -> fault.replaceAll("^(list:\\d+:\\d+): .*", "$1")).toList(),
        faults::toString);
  }
}
