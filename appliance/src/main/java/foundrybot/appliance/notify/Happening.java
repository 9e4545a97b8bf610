// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.logs.Secrets;
import foundrybot.appliance.operator.AuditEntry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * One thing that receivers are told, as the journal has it: the same fact gives the same bytes.
 *
 * @param type of {@link foundrybot.answerfiles.WebhookSettings#EVENTS}, or ping
 * @param data texts and numbers; texts may hold what machines said, so they are masked
 */
record Happening(String type, Instant at, Map<String, Object> data) {
  static final String PING = "ping";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What a fact tells; empty for those that are not told. */
  static Optional<Happening> of(Fact fact) {
    return switch (fact.kind()) {
      case AuditEntry.ASKED, AuditEntry.ANSWERED ->
          AuditEntry.of(fact).map(entry -> command(fact, entry));
      default -> Notice.of(fact).flatMap(notice -> of(fact, notice));
    };
  }

  private static Optional<Happening> of(Fact fact, Notice notice) {
    Map<String, Object> data = new LinkedHashMap<>();
    String type =
        switch (notice) {
          case Notice.Stage stage -> {
            put(data, "node", stage.node(), "mac", fact.mac());
            put(data, "from", stage.from(), "to", stage.to());
            put(data, "run", stage.run(), "attempt", stage.attempt());
            yield stage.from().equals(Notice.UNKNOWN) ? "" : "node.stage";
          }
          case Notice.Condition condition -> {
            put(data, "node", condition.node(), "mac", fact.mac());
            put(data, "from", condition.from(), "to", condition.to());
            data.put("stage", condition.stage());
            put(data, "run", condition.run(), "attempt", condition.attempt());
            put(data, "code", condition.code(), "why", condition.why());
            data.put("try", condition.tryNext());
            yield condition.from().equals(Notice.UNKNOWN) ? "" : "node.condition";
          }
          case Notice.Phase phase -> {
            put(data, "phase", phase.name(), "from", phase.from());
            put(data, "ready", phase.ready(), "need", phase.need());
            put(data, "of", phase.of(), "by", phase.by());
            boolean told = phase.to().equals("done") || phase.to().equals("blocked");
            yield told && !phase.from().equals(Notice.UNKNOWN) ? "phase." + phase.to() : "";
          }
          case Notice.Cluster cluster -> {
            boolean told =
                cluster.to().equals(Notice.Cluster.COMPLETE)
                    && !cluster.from().equals(Notice.UNKNOWN);
            yield told ? "cluster.complete" : "";
          }
        };
    return type.isEmpty() ? Optional.empty() : Optional.of(new Happening(type, fact.at(), data));
  }

  private static Happening command(Fact fact, AuditEntry entry) {
    boolean ended = fact.kind().equals(AuditEntry.ANSWERED);
    Map<String, Object> data = new LinkedHashMap<>();
    put(data, "id", entry.id(), "by", entry.who());
    put(data, "what", entry.what(), "mac", entry.mac());
    if (ended) {
      data.put("result", entry.result());
    }
    return new Happening(ended ? "command.ended" : "command.accepted", fact.at(), data);
  }

  private static void put(
      Map<String, Object> data, String one, Object value, String other, Object otherValue) {
    data.put(one, value);
    data.put(other, otherValue);
  }

  /** The body of the request (Standard Webhooks 1.0.0, Payload structure). */
  byte[] body(String cluster) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("cluster", cluster);
    data.forEach(
        (key, value) -> all.put(key, value instanceof String text ? Secrets.masked(text) : value));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", type);
    body.put("timestamp", at.toString());
    body.put("data", all);
    return JSON.writeValueAsBytes(body);
  }

  /**
   * The id of what is sent to one receiver, the same at each try and after a restart: of its place
   * and the fact itself, as a place may come again after power was lost.
   */
  static String id(String hook, long position, Fact fact) {
    String text =
        String.join(
            "\n",
            hook,
            Long.toString(position),
            fact.at().toString(),
            fact.mac(),
            fact.kind(),
            fact.detail());
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "msg_" + HexFormat.of().formatHex(hash, 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }
}
