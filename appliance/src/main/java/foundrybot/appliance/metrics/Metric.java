// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.metrics;

import java.util.List;
import java.util.Locale;

/** The one table of what is measured. */
public enum Metric {
  START_TIME(Type.GAUGE, "start_time_seconds", "When the appliance was started, Unix time."),
  CLUSTER_COMPLETE(Type.GAUGE, "cluster_complete", "1 when all nodes have arrived, else 0."),
  NODES(
      Type.GAUGE,
      "nodes",
      "Nodes of the rack file at a stage in a condition.",
      "stage",
      "condition"),
  NODE_INFO(
      Type.GAUGE,
      "node_info",
      "Where a node stands: the value is 1.",
      "node",
      "role",
      "stage",
      "condition"),
  NODE_STAGE_SECONDS(
      Type.GAUGE, "node_stage_seconds", "How long a node has been at its stage.", "node"),
  NODE_ATTEMPT(Type.GAUGE, "node_attempt", "Which attempt of its run a node is at.", "node"),
  RUNG_SECONDS(
      Type.HISTOGRAM,
      "rung_seconds",
      "How long nodes were at a stage before the next one, since the start.",
      "stage"),
  STRANGERS(
      Type.GAUGE,
      "strangers",
      "Machines outside the rack file that asked to boot; 64 are remembered."),
  RACK_FILE_REFUSED(
      Type.GAUGE, "rack_file_refused", "1 while a changed rack file is refused, else 0."),
  WIRE_EVENTS(
      Type.COUNTER,
      "wire_events_total",
      "What happened in a service, by its own name for it; those of 'status --json'.",
      "service",
      "event"),
  SENT_BYTES(
      Type.COUNTER,
      "sent_bytes_total",
      "What clients were sent of files and answers, and by TFTP have acknowledged.",
      "service"),
  BMC_COMMANDS(
      Type.COUNTER,
      "bmc_commands_total",
      "Commands to switch a node on, by outcome: accepted, refused or unknown.",
      "outcome"),
  JOURNAL_FACTS(Type.COUNTER, "journal_facts_total", "Facts written to the journal."),
  JOURNAL_WAITING(Type.GAUGE, "journal_waiting_facts", "Facts that wait for the disk."),
  JOURNAL_LAG(
      Type.GAUGE, "journal_lag_seconds", "How long the newest durable fact waited for the disk."),
  JOURNAL_DROPPED(
      Type.COUNTER, "journal_dropped_facts_total", "Facts lost because the disk was too slow."),
  LISTENERS(Type.GAUGE, "stream_listeners", "Listeners of the event stream."),
  WEBHOOK_DELIVERIES(
      Type.COUNTER,
      "webhook_deliveries_total",
      "What became of requests to webhooks: delivered, failed (a try) or dead (given up).",
      "webhook",
      "outcome"),
  WEBHOOK_LOST(
      Type.COUNTER,
      "webhook_lost_total",
      "Events that a webhook never got, since it was away for too long.",
      "webhook"),
  WEBHOOK_BEHIND(
      Type.GAUGE,
      "webhook_behind_bytes",
      "How much of the journal a webhook has not gone through.",
      "webhook"),
  DATA_FREE(Type.GAUGE, "data_free_bytes", "Space left for the data folder.");

  /** How a metric behaves. */
  public enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String PREFIX = "foundrybot_";

  private final Type type;
  private final String name;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that cannot be changed
  private final List<String> labels;

  Metric(Type type, String name, String help, String... labels) {
    this.type = type;
    this.name = PREFIX + name;
    this.help = help;
    this.labels = List.of(labels);
  }

  public Type type() {
    return type;
  }

  /** As Prometheus sees it. */
  public String text() {
    return name;
  }

  public String help() {
    return help;
  }

  public List<String> labels() {
    return labels;
  }
}
