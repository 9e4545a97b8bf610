// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.rig.bench.Cases.StormSize;
import foundrybot.rig.load.LoadResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  static final Run RUN = new Run("2026-11-24T20:45:00Z", "0123456789", "2 CPUs");

  private final Results results = new Results();

  /** {@code micros} per exchange, of 1,000 exchanges. */
  private void discover(String subject, int repetition, double micros) {
    add(Cases.DISCOVER, subject, repetition, micros / 1000, Map.of(), 0, 0.1);
  }

  private void add(
      String scenario,
      String subject,
      int repetition,
      double cpu,
      Map<String, Double> more,
      long failed,
      double generatorCpu) {
    LoadResult load = new LoadResult(1000, failed, 5_000_000, 1, 2, 3, generatorCpu, more, "", "");
    results.add(new Outcome(RUN, "dhcp", scenario, subject, repetition, load, cpu, 200, 0));
  }

  private String goalLine(String text) {
    return Report.goals(Goals.all(StormSize.USUAL), results)
        .lines()
        .filter(line -> line.contains(text))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatRanSideBySideIsCompared() {
    // Both became twice as slow in the second repetition, so the ratio is the same in both.
    discover(Product.NAME, 1, 10);
    discover("dnsmasq", 1, 20);
    discover(Product.NAME, 2, 20);
    discover("dnsmasq", 2, 40);
    assertEquals(
        "| DISCOVER, 1,000 machines, us of server CPU, against dnsmasq | 0.5 | <= 1 | yes | <= 0.6"
            + " | yes |",
        goalLine("against dnsmasq"));
  }

  @Test
  void aMissedGoalStandsOut() {
    discover(Product.NAME, 1, 30);
    discover("dnsmasq", 1, 20);
    assertTrue(goalLine("against dnsmasq").contains("| 1.5 | <= 1 | **no** | <= 0.6 | **no** |"));
  }

  @Test
  void aGoalWithoutItsPeerIsNotJudged() {
    discover(Product.NAME, 1, 30);
    assertFalse(Report.goals(Goals.all(StormSize.USUAL), results).contains("against dnsmasq"));
  }

  @Test
  void ofSeveralPeersTheBestCounts() {
    String window = Cases.WINDOW + 4;
    // 5 MB in each: 500, 250 and 100 MB per CPU-second.
    add(window, Product.NAME, 1, 0.01, Map.of(), 0, 0);
    add(window, "dnsmasq", 1, 0.02, Map.of(), 0, 0);
    add(window, "atftpd", 1, 0.05, Map.of(), 0, 0);
    assertTrue(
        goalLine("against the best peer").contains("| 2 | >= 1.3 | yes | >= 2.2 | **no** |"));
  }

  @Test
  void machinesThatDidNotBootMissTheGoal() {
    String storm = StormSize.USUAL.getFirst().text();
    add(storm, Product.NAME + " (proxy)", 1, 1, Map.of("resent", 2.0), 3, 0);
    assertTrue(goalLine("(proxy): machines that did not boot").contains("| 3 | <= 0 | **no** |"));
    assertTrue(goalLine("(proxy): DHCP packets sent again").contains("| 2 | <= 0 | **no** |"));
  }

  @Test
  void aColumnThatTheLoadLimitsIsMarked() {
    add(Cases.DISCOVER, "fast", 1, 0.01, Map.of(), 0, 0.95);
    add(Cases.DISCOVER, "slow", 1, 0.01, Map.of(), 0, 0.5);
    String table = Report.tables(Cases.all(StormSize.USUAL), results);
    assertTrue(table.contains("| fast | 10 | 1,000 g |"), table);
    assertTrue(table.contains("| slow | 10 | 1,000 |"), table);
  }

  @Test
  void onlyWhatStandsBetweenTheMarksIsReplaced() {
    String text = "before\n<!-- run: written by bin/bench -->\nold\n<!-- end of run -->\nafter\n";
    assertEquals(
        "before\n<!-- run: written by bin/bench -->\nnew\n<!-- end of run -->\nafter\n",
        Document.replace(text, "run", "new\n"));
    assertThrows(BenchException.class, () -> Document.replace(text, "goals", "new"));
  }

  @Test
  void stormSizesAreReadAsTheyAreWritten() {
    assertEquals(new StormSize(5000, 10), StormSize.parse("5000/10"));
    assertEquals("1,000 machines at once", StormSize.parse("1000").text());
    for (String wrong : List.of("", "x", "5/", "0", "99999", "10/5/5")) {
      assertThrows(IllegalArgumentException.class, () -> StormSize.parse(wrong), wrong);
    }
  }
}
