// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NodeState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MetricsTest {
  private static final Path DOCS = Path.of("../docs");
  private static final String MAC = "52:54:00:aa:00:01";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theDocumentHasTheTableAsItIsInTheCode() throws IOException {
    List<String> documented =
        Files.readAllLines(DOCS.resolve("metrics.md")).stream()
            .filter(line -> line.startsWith("| `foundrybot_"))
            .toList();
    List<String> coded =
        Arrays.stream(Metric.values())
            .map(
                metric ->
                    "| `%s` | %s | %s | %s |"
                        .formatted(
                            metric.text(),
                            metric.type(),
                            metric.labels().stream()
                                .map(label -> "`" + label + "`")
                                .collect(Collectors.joining(", ")),
                            metric.help()))
            .toList();
    assertEquals(coded, documented);
  }

  @Test
  void theDashboardAsksForNothingThatThereIsNot() throws IOException {
    JsonNode dashboard =
        JsonMapper.builder()
            .build()
            .readTree(Files.readString(DOCS.resolve("grafana/foundrybot.json")));
    Set<String> there = new TreeSet<>();
    for (Metric metric : Metric.values()) {
      boolean histogram = metric.type() == Metric.Type.HISTOGRAM;
      for (String suffix : histogram ? List.of("_bucket", "_sum", "_count") : List.of("")) {
        there.add(metric.text() + suffix);
      }
    }
    Set<String> asked = new TreeSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertFalse(panel.get("title").asString().isBlank());
      assertTrue(panel.get("targets").size() > 0, panel.get("title").asString());
      for (JsonNode target : panel.get("targets")) {
        Matcher name = Pattern.compile("foundrybot_\\w+").matcher(target.get("expr").asString());
        assertTrue(name.find(), target.toString());
        do {
          asked.add(name.group());
        } while (name.find());
      }
    }
    Set<String> unknown = new TreeSet<>(asked);
    unknown.removeAll(there);
    assertEquals(Set.of(), unknown);
    assertTrue(asked.size() > 8, asked.toString());
  }

  @Test
  void namesAndTypesAreWhatPrometheusExpects() {
    for (Metric metric : Metric.values()) {
      assertTrue(metric.text().matches("[a-z][a-z0-9_]*"), metric.text());
      assertEquals(
          metric.type() == Metric.Type.COUNTER, metric.text().endsWith("_total"), metric.text());
      assertFalse(metric.labels().contains("mac"), "nothing per stranger");
    }
  }

  @Test
  void thePageHasHelpAndTypeBeforeTheSamplesAndEscapesWhatIsInLabels() {
    Exposition page = new Exposition();
    page.add(Metric.NODES, 2, "script", "o\"k\\\n");
    page.add(Metric.CLUSTER_COMPLETE, 0.5);
    assertEquals(
        """
        # HELP foundrybot_cluster_complete 1 when all nodes have arrived, else 0.
        # TYPE foundrybot_cluster_complete gauge
        foundrybot_cluster_complete 0.5
        # HELP foundrybot_nodes Nodes of the rack file at a stage in a condition.
        # TYPE foundrybot_nodes gauge
        foundrybot_nodes{stage="script",condition="o\\"k\\\\\\n"} 2
        """,
        page.text());
    assertThrows(IllegalArgumentException.class, () -> page.add(Metric.NODES, 1, "script"));
  }

  @Test
  void timeOnARungIsCountedWhenTheNodeLeavesItUpwards() {
    FactMeter meter = new FactMeter();
    NodeState state = NodeState.planned(START);
    int second = 0;
    for (String kind : List.of("dhcp.offer", "loader.fetched", "kernel.requested")) {
      second += 20;
      Fact fact = new Fact(START.plusSeconds(second), MAC, kind, "x");
      NodeState after = state.after(fact);
      meter.moved(state, after);
      meter.heard(fact, fact.at().plusMillis(250));
      state = after;
    }
    Exposition page = new Exposition();
    meter.putInto(page);
    String text = page.text();
    for (String line :
        List.of(
            "foundrybot_rung_seconds_bucket{stage=\"dhcp\",le=\"10\"} 0",
            "foundrybot_rung_seconds_bucket{stage=\"dhcp\",le=\"30\"} 1",
            "foundrybot_rung_seconds_bucket{stage=\"dhcp\",le=\"+Inf\"} 1",
            "foundrybot_rung_seconds_sum{stage=\"dhcp\"} 20",
            "foundrybot_rung_seconds_count{stage=\"bootloader\"} 1",
            "foundrybot_journal_facts_total 3",
            "foundrybot_journal_lag_seconds 0.25",
            "foundrybot_bmc_commands_total{outcome=\"refused\"} 0")) {
      assertTrue(text.contains(line + "\n"), line + " in\n" + text);
    }
  }
}
