// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Prints who changed what, and who was refused what. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = {
      "Prints each change that an operator asked for, with its outcome, and each attempt that was"
          + " refused: unknown and burnt tokens, machines outside their window or other than their"
          + " BMC's, log-ins, path tricks. At most the newest 5000 lines.",
      "Lines of one node tell its MAC. What is tried again within seconds is one line with a count,"
          + " and a flood is counted by 'status' alone."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:printed", "1:there is no such node", "4:the appliance cannot be asked"})
final class AuditCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only what is younger: 15m, 2h, 7d, or an instant as 2026-01-31T12:00:00Z.")
  private String since = "";

  @Option(names = "--node", paramLabel = "NODE", description = "Only lines of that node.")
  private String node = "";

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Override
  public Integer call() {
    StringJoiner query = new StringJoiner("&", "audit?", "").setEmptyValue("audit");
    if (!node.isEmpty()) {
      NodeNames.check(node);
      query.add("node=" + node);
    }
    if (!since.isEmpty()) {
      query.add("since=" + URLEncoder.encode(instant().toString(), StandardCharsets.UTF_8));
    }
    try (ApiClient client = new ApiClient(data.path())) {
      JsonNode entries = client.get(query.toString());
      if (json) {
        System.out.println(JSON.writeValueAsString(entries));
      } else {
        entries.forEach(AuditCommand::print);
      }
    }
    return 0;
  }

  private Instant instant() {
    try {
      return Spans.of(since)
          .map(span -> Instant.now().minus(span))
          .orElseGet(() -> Instant.parse(since));
    } catch (DateTimeParseException e) {
      throw new UserException(
          Main.USAGE,
          "--since: " + since + " (expected: 15m, 2h, 7d, or an instant as 2026-01-31T12:00:00Z)");
    }
  }

  private static void print(JsonNode entry) {
    String mac = text(entry, "mac");
    String result = text(entry, "result");
    System.out.printf(
        "%-30s %-18s %-12s %-15s %s: %s%n",
        text(entry, "at"),
        mac.isEmpty() ? "-" : mac,
        text(entry, "who"),
        text(entry, "from"),
        text(entry, "what"),
        result.isEmpty() ? "no outcome was noted; see 'bootserver events'" : result);
  }

  private static String text(JsonNode entry, String key) {
    return BmcOfNode.shown(entry.get(key).asString());
  }
}
