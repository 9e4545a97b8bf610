// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.logs.LogLine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Prints what a node's installer has logged. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what a node has sent as its log: its installer's lines, with the time when they"
          + " came, and what was read on its serial console, where the rack file wants that.",
      "Lines come by syslog over UDP: some may be lost, and who sent one is told by its address"
          + " alone."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:printed",
      "1:there is no such node",
      "4:the appliance cannot be asked",
      "130:ended by Ctrl-C"
    })
final class LogsCommand implements Callable<Integer> {
  private static final int MOST = 5_000;
  private static final long LOOK_MILLIS = 1_000;

  @Mixin private DataOption data = new DataOption();

  @Parameters(paramLabel = "NODE", description = "The node's name in the rack file.")
  private String node = "";

  @Option(
      names = "--lines",
      paramLabel = "N",
      description = "The last N lines, 1 to 5000 (default: ${DEFAULT-VALUE}).",
      defaultValue = "100")
  private int lines;

  @Option(names = "--follow", description = "Goes on with what comes, until Ctrl-C.")
  private boolean follow;

  @Option(names = "--json", description = "Each line as a JSON object: at, from, text.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    NodeNames.check(node);
    if (lines < 1 || lines > MOST) {
      throw new UserException(Main.USAGE, "--lines: " + lines + " (expected: 1.." + MOST + ")");
    }
    try (ApiClient client = new ApiClient(data.path())) {
      String last = show(client.get("nodes/" + node + "/log?lines=" + lines), "");
      if (last.isEmpty() && !follow) {
        System.err.println("bootserver: " + node + ": no line of its log has come yet");
      }
      while (follow) {
        Thread.sleep(LOOK_MILLIS);
        String after = last.isEmpty() ? "" : "&after=" + last;
        last = show(client.get("nodes/" + node + "/log?lines=" + MOST + after), last);
      }
    }
    return 0;
  }

  /** Prints them; returns when the last one came. */
  private String show(JsonNode all, String before) {
    String last = before;
    for (JsonNode line : all) {
      last = line.get("at").asString();
      System.out.println(
          json ? line.toString() : "%-27s %s%s".formatted(last, mark(line), text(line)));
    }
    System.out.flush();
    return last;
  }

  private static String mark(JsonNode line) {
    return line.get("from").asString().equals(LogLine.CONSOLE) ? "console: " : "";
  }

  private static String text(JsonNode line) {
    return line.get("text").asString();
  }
}
