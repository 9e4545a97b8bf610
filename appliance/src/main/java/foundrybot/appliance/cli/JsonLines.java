// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import foundrybot.appliance.LogNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * The appliance's log as JSON, an object in each line: Logback's own encoder, with the time as
 * people read it and with the node that the message is about.
 */
final class JsonLines extends JsonEncoder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern MAC = Pattern.compile("\\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\\b");
  private static final Pattern NAME = Pattern.compile("\\bnode=([a-z0-9-]{1,63})\\b");

  private volatile Function<String, Optional<LogNode>> nodes = _ -> Optional.empty();

  JsonLines() {
    setWithSequenceNumber(false);
    setWithTimestamp(false);
    setWithNanoseconds(false);
    setWithLoggerName(false);
    setWithContext(false);
    setWithMarkers(false);
    setWithMDC(false);
    setWithKVPList(false);
    setWithMessage(false);
    setWithArguments(false);
  }

  /** From now on nodes are known by their MAC or name. */
  void know(Function<String, Optional<LogNode>> known) {
    nodes = known;
  }

  @Override
  protected void appendCustomFields(StringBuilder out, ILoggingEvent event) {
    String message = event.getFormattedMessage();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("time", event.getInstant().toString());
    fields.put("logger", event.getLoggerName());
    fields.put("message", message);
    node(message)
        .ifPresent(
            node -> {
              fields.put("node", Map.of("mac", node.mac(), "name", node.name()));
              fields.put("run", node.run());
              if (!node.command().isEmpty()) {
                fields.put("command", node.command());
              }
            });
    String object = JSON.writeValueAsString(fields);
    out.append(',').append(object, 1, object.length() - 1);
  }

  private Optional<LogNode> node(String message) {
    Matcher mac = MAC.matcher(message);
    if (mac.find()) {
      return nodes.apply(mac.group());
    }
    Matcher name = NAME.matcher(message);
    return name.find() ? nodes.apply(name.group(1)) : Optional.empty();
  }
}
