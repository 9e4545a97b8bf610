// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Shows who is told of what happens, and how far each is. */
@Command(
    name = "webhooks",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the receivers of the rack file's 'webhooks': how many events each took, how many wait"
          + " for it and since when, what was wrong last, and what it will never get.",
      "Of a URL only scheme, host and port are shown, as the rest may be a secret."
    },
    subcommands = WebhooksCommand.Test.class,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:printed", "4:the appliance cannot be asked"})
final class WebhooksCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Mixin private DataOption data = new DataOption();

  @Option(names = "--json", description = "The same as data.")
  private boolean json;

  @Override
  public Integer call() {
    try (ApiClient client = new ApiClient(data.path())) {
      JsonNode hooks = client.get("webhooks");
      if (json) {
        System.out.println(JSON.writeValueAsString(hooks));
        return 0;
      }
      if (hooks.isEmpty()) {
        System.out.println("none; name them under 'webhooks' of the rack file: docs/webhooks.md");
      }
      hooks.forEach(WebhooksCommand::print);
    }
    return 0;
  }

  private static void print(JsonNode hook) {
    int waiting = hook.get("waiting").asInt();
    System.out.printf(
        "%s  %s%s%n",
        text(hook, "name"),
        text(hook, "place"),
        hook.get("inClear").asBoolean() ? "  IN CLEAR: use https" : "");
    row(
        "delivered",
        hook.get("delivered").asLong() + (text(hook, "lastAt").isEmpty() ? "" : ", last at "),
        text(hook, "lastAt") + said(" ", text(hook, "lastId")));
    row(
        "waiting",
        (waiting >= 1000 ? "1000 or more" : Integer.toString(waiting))
            + said(", oldest of ", text(hook, "waitingSince")),
        said(", next try at ", text(hook, "nextTry")));
    if (!text(hook, "error").isEmpty()) {
      row("last error", text(hook, "errorAt") + " ", text(hook, "error"));
    }
    if (!text(hook, "stopped").isEmpty()) {
      row("STOPPED", "", text(hook, "stopped"));
    }
    if (hook.get("dead").asLong() > 0) {
      row("given up", hook.get("dead").asLong() + ", last ", text(hook, "lastDead"));
    }
    if (!text(hook, "lastLost").isEmpty()) {
      row("LOST", hook.get("lost").asLong() + ", ", text(hook, "lastLost"));
    }
  }

  private static void row(String what, String first, String rest) {
    System.out.printf("  %-11s %s%s%n", what, first, rest);
  }

  private static String said(String before, String text) {
    return text.isEmpty() ? "" : before + text;
  }

  private static String text(JsonNode hook, String key) {
    return BmcOfNode.shown(hook.get(key).asString());
  }

  /** Sends one a ping. */
  @Command(
      name = "test",
      mixinStandardHelpOptions = true,
      description = {
        "Has the appliance send one receiver an event of the type 'ping', at once and once.",
        "A receiver that takes it is sent the rest again, also where it had said 410 before."
      },
      exitCodeListHeading = "%nExit status:%n",
      exitCodeList = {
        "0:it took it",
        "1:it did not, or there is none of that name; the line says why",
        "4:the appliance cannot be asked",
        "64:wrong use of the command line"
      })
  static final class Test implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Parameters(paramLabel = "NAME", description = "Its name under 'webhooks' of the rack file.")
    private String name = "";

    @Override
    public Integer call() {
      if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
        throw new UserException(
            Main.USAGE, "name: " + BmcOfNode.shown(name) + " (expected: one of the rack file)");
      }
      try (ApiClient client = new ApiClient(data.path())) {
        System.out.print(client.command("webhooks/" + name + "/test", ""));
      }
      return 0;
    }
  }
}
