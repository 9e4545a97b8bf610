// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.live.Live;
import foundrybot.appliance.metrics.Exposition;
import foundrybot.appliance.metrics.FactMeter;
import foundrybot.appliance.metrics.Metric;
import foundrybot.appliance.notify.Couriers;
import foundrybot.appliance.store.Journal;
import foundrybot.bootserver.Counters;
import foundrybot.bootserver.http.HttpAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** What Prometheus reads: the status as numbers, and what was counted since the start. */
final class MetricsPage {
  /** Names of what happened on the wire; they come from the program, so this is never reached. */
  private static final int MOST_EVENTS = 1_000;

  private final Supplier<FleetStatus> status;
  private final FactMeter meter;
  private final Journal journal;
  private final Live live;
  private final Couriers couriers;
  private final Path data;
  private final Clock clock;
  private final Instant started;

  MetricsPage(
      Supplier<FleetStatus> status,
      FactMeter meter,
      Journal journal,
      Live live,
      Couriers couriers,
      Path data,
      Clock clock) {
    this.status = status;
    this.meter = meter;
    this.journal = journal;
    this.live = live;
    this.couriers = couriers;
    this.data = data;
    this.clock = clock;
    this.started = clock.instant();
  }

  HttpAnswer answer() {
    return HttpAnswer.Body.of(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        text().getBytes(StandardCharsets.UTF_8),
        "api: metrics");
  }

  private String text() {
    Exposition page = new Exposition();
    FleetStatus now = status.get();
    page.add(Metric.START_TIME, started.getEpochSecond())
        .add(Metric.CLUSTER_COMPLETE, now.complete() ? 1 : 0)
        .add(Metric.STRANGERS, now.strangers().size())
        .add(Metric.RACK_FILE_REFUSED, now.rackFault().isEmpty() ? 0 : 1)
        .add(Metric.JOURNAL_WAITING, journal.waiting())
        .add(Metric.JOURNAL_DROPPED, journal.dropped())
        .add(Metric.LISTENERS, live.listening());
    nodes(page, now);
    wire(page, now.counters());
    meter.putInto(page);
    couriers.putInto(page);
    try {
      page.add(Metric.DATA_FREE, Files.getFileStore(data).getUsableSpace());
    } catch (IOException e) {
      // A sample that is missing says it; readyz says why.
      return page.text();
    }
    return page.text();
  }

  private void nodes(Exposition page, FleetStatus now) {
    Map<String, Map<String, Integer>> numbers = new TreeMap<>();
    for (FleetStatus.NodeStatus node : now.nodes()) {
      numbers
          .computeIfAbsent(node.stage(), _ -> new TreeMap<>())
          .merge(node.condition(), 1, Integer::sum);
      Duration there = Duration.between(Instant.parse(node.since()), clock.instant());
      page.add(Metric.NODE_INFO, 1, node.name(), node.role(), node.stage(), node.condition())
          .add(Metric.NODE_STAGE_SECONDS, Math.max(0, there.toSeconds()), node.name())
          .add(Metric.NODE_ATTEMPT, node.attempt(), node.name());
    }
    numbers.forEach(
        (stage, conditions) ->
            conditions.forEach(
                (condition, number) -> page.add(Metric.NODES, number, stage, condition)));
  }

  private static void wire(Exposition page, Map<String, Long> counters) {
    int events = 0;
    for (Map.Entry<String, Long> one : counters.entrySet()) {
      String name = one.getKey();
      String service = name.substring(0, name.indexOf('.'));
      String event = name.substring(service.length() + 1);
      if (event.equals(Counters.SENT_BYTES)) {
        page.add(Metric.SENT_BYTES, one.getValue(), service);
      } else if (events++ < MOST_EVENTS) {
        page.add(Metric.WIRE_EVENTS, one.getValue(), service, event);
      }
    }
  }
}
