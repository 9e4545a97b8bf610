// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import foundrybot.appliance.LogNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonLinesTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final LogNode W1 = new LogNode(MAC, "w1", 3, "0123abcd");

  private final LoggerContext context = new LoggerContext();
  private final JsonLines lines = new JsonLines();

  private JsonNode line(Level level, String message, @Nullable Throwable why, Object... arguments) {
    lines.setContext(context);
    lines.start();
    lines.know(key -> key.equals(MAC) || key.equals("w1") ? Optional.of(W1) : Optional.empty());
    Logger logger = context.getLogger("foundrybot.appliance.Retries");
    LoggingEvent event = new LoggingEvent("", logger, level, message, why, arguments);
    event.setInstant(Instant.parse("2026-01-01T00:00:00.123Z"));
    String text = new String(lines.encode(event), StandardCharsets.UTF_8);
    assertTrue(text.endsWith("}\n"), text);
    assertEquals(1, text.lines().count(), text);
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void aLineIsAnObjectWithTimeLevelLoggerAndMessage() {
    JsonNode line = line(Level.WARN, "held {}: \"quoted\"\n\tand \u0001 more", null, "é");
    assertEquals("2026-01-01T00:00:00.123Z", line.get("time").asString());
    assertEquals("WARN", line.get("level").asString());
    assertEquals("foundrybot.appliance.Retries", line.get("logger").asString());
    assertEquals("held é: \"quoted\"\n\tand \u0001 more", line.get("message").asString());
    assertFalse(line.has("node") || line.has("run") || line.has("command"), line.toString());
  }

  @Test
  void aNodesLineHasTheNodeItsRunAndItsCommand() {
    for (JsonNode line :
        new JsonNode[] {
          line(Level.INFO, "powered on mac={} by PXE", null, MAC),
          line(Level.WARN, "not kept node={} problem=x", null, "w1")
        }) {
      assertEquals(MAC, line.at("/node/mac").asString());
      assertEquals("w1", line.at("/node/name").asString());
      assertEquals(3, line.get("run").asInt());
      assertEquals("0123abcd", line.get("command").asString());
    }
    assertFalse(line(Level.INFO, "ignored mac=52:54:00:aa:00:99", null).has("node"));
  }

  @Test
  void aTraceIsInTheSameLine() {
    JsonNode line = line(Level.ERROR, "failed", new IllegalStateException("of \"ours\"\nand more"));
    assertEquals("failed", line.get("message").asString());
    assertTrue(line.get("throwable").toString().contains("IllegalStateException"), line.toString());
  }
}
