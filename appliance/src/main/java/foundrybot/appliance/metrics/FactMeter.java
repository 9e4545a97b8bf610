// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.metrics;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What can be counted of the journal as it is written, since the start of the appliance. */
public final class FactMeter {
  /** Upper ends of the histogram's buckets, in seconds: from a script's turn to an installation. */
  private static final List<Double> BOUNDS =
      List.of(1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0);

  private static final Map<String, String> OUTCOMES =
      Map.of(
          FactKind.POWER_TOLD.text(), "accepted",
          FactKind.POWER_REFUSED.text(), "refused",
          FactKind.POWER_UNKNOWN.text(), "unknown");

  private static final class Histogram {
    final long[] upTo = new long[BOUNDS.size()];
    long count;
    double sum;

    void add(double seconds) {
      count++;
      sum += seconds;
      for (int i = 0; i < upTo.length; i++) {
        upTo[i] += seconds <= BOUNDS.get(i) ? 1 : 0;
      }
    }
  }

  private final Map<Stage, Histogram> rungs = new EnumMap<>(Stage.class);
  private final Map<String, Long> outcomes = new TreeMap<>();
  private long facts;
  private double lag;

  /** Nothing counted yet: each outcome is there with 0, so that its rate can be asked for. */
  public FactMeter() {
    OUTCOMES.values().forEach(outcome -> outcomes.put(outcome, 0L));
  }

  /** A fact is durable. */
  public synchronized void heard(Fact fact, Instant now) {
    facts++;
    lag = Math.max(0, Duration.between(fact.at(), now).toMillis() / 1000.0);
    String outcome = OUTCOMES.get(fact.kind());
    if (outcome != null) {
      outcomes.merge(outcome, 1L, Long::sum);
    }
  }

  /** A node is at another stage than before, or is not. */
  public synchronized void moved(NodeState before, NodeState after) {
    boolean climbed = before.stage().isBefore(after.stage()) && before.run() == after.run();
    if (climbed) {
      rungs
          .computeIfAbsent(before.stage(), _ -> new Histogram())
          .add(Duration.between(before.since(), after.since()).toMillis() / 1000.0);
    }
  }

  /** Adds all of it to a page. */
  public synchronized void putInto(Exposition page) {
    page.add(Metric.JOURNAL_FACTS, facts).add(Metric.JOURNAL_LAG, lag);
    outcomes.forEach((outcome, number) -> page.add(Metric.BMC_COMMANDS, number, outcome));
    rungs.forEach((stage, histogram) -> put(page, stage.toString(), histogram));
  }

  private static void put(Exposition page, String stage, Histogram histogram) {
    List<String> names = List.of("stage", "le");
    for (int i = 0; i < BOUNDS.size(); i++) {
      String bound = Exposition.number(BOUNDS.get(i));
      page.add(
          Metric.RUNG_SECONDS, "_bucket", (double) histogram.upTo[i], names, List.of(stage, bound));
    }
    page.add(
        Metric.RUNG_SECONDS, "_bucket", (double) histogram.count, names, List.of(stage, "+Inf"));
    page.add(Metric.RUNG_SECONDS, "_sum", histogram.sum, List.of("stage"), List.of(stage));
    page.add(
        Metric.RUNG_SECONDS, "_count", (double) histogram.count, List.of("stage"), List.of(stage));
  }
}
