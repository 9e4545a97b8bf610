// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.OperatorAccess;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Says who else may tell the appliance what to do. */
@Command(
    name = "operator",
    mixinStandardHelpOptions = true,
    description = {
      "Lets others than the owner of the data folder use the appliance, each with a token of its"
          + " own and a scope: read (status, events, audit), operate (also deploy, reinstall,"
          + " rescue, rotate), admin (also operators, and whom to trust).",
      "The owner of the data folder, and root, need none."
    },
    subcommands = {
      OperatorCommand.Add.class,
      OperatorCommand.Listing.class,
      OperatorCommand.Remove.class
    })
final class OperatorCommand implements Callable<Integer> {
  private static final String NAME = "[a-z0-9][a-z0-9-]{0,30}";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(System.out);
    return Main.USAGE;
  }

  private static void check(String name) {
    if (!name.matches(NAME)) {
      throw new UserException(
          Main.USAGE, "name: " + name + " (expected: a to z, 0 to 9 and -, at most 31)");
    }
  }

  /** Adds one. */
  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = {
        "Adds an operator and prints its token, this once; the appliance keeps a hash of it.",
        "With --to it is written to a folder instead, which --data of all commands takes on another"
            + " machine; that needs HTTPS."
      })
  static final class Add implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Parameters(paramLabel = "NAME", description = "What the audit log calls it.")
    private String name = "";

    @Option(
        names = "--scope",
        required = true,
        paramLabel = "SCOPE",
        description = "read, operate or admin.")
    private String scope = "";

    @Option(names = "--to", paramLabel = "DIR", description = "A folder to make, for its token.")
    private Optional<Path> to = Optional.empty();

    @Override
    public Integer call() {
      check(name);
      try (ApiClient client = new ApiClient(data.path())) {
        to.ifPresent(folder -> OperatorAccess.of(data.path()).checkFolder(folder));
        String token = client.post("operators/" + name + "/add?scope=" + scope, "").strip();
        if (to.isPresent()) {
          OperatorAccess.of(data.path()).with(token).write(to.get());
          System.out.println(name + ": use --data " + to.get() + "; keep that folder secret");
        } else {
          System.out.println(token);
          System.err.println("bootserver: this is shown once; send it as 'Authorization: Bearer'");
        }
      }
      return 0;
    }
  }

  /** Lists them. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the operators with a token: name, scope, since when.")
  static final class Listing implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Override
    public Integer call() {
      try (ApiClient client = new ApiClient(data.path())) {
        for (JsonNode one : client.get("operators")) {
          System.out.printf(
              "%-32s %-8s %s%n",
              one.get("name").asString(), one.get("scope").asString(), one.get("since").asString());
        }
      }
      return 0;
    }
  }

  /** Removes one. */
  @Command(
      name = "remove",
      mixinStandardHelpOptions = true,
      description = "Removes an operator; from this moment on its token opens nothing.")
  static final class Remove implements Callable<Integer> {
    @Mixin private DataOption data = new DataOption();

    @Parameters(paramLabel = "NAME", description = "As 'operator list' shows it.")
    private String name = "";

    @Override
    public Integer call() {
      check(name);
      try (ApiClient client = new ApiClient(data.path())) {
        System.out.print(client.post("operators/" + name + "/remove", ""));
      }
      return 0;
    }
  }
}
