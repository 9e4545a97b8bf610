// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Parameters;

/** The nodes that a command is about, one after the other. */
final class SomeNodes {
  @Parameters(
      arity = "1..*",
      paramLabel = "NODE",
      description = "The nodes' names in the rack file.")
  private List<String> names = List.of();

  /**
   * Asks the appliance for the same about each, and prints what it says; who comes after one that
   * it refuses is not asked for.
   *
   * @param path of the API, for a name
   */
  void each(Path data, UnaryOperator<String> path, String body) {
    names.forEach(NodeNames::check);
    try (ApiClient client = new ApiClient(data)) {
      for (String name : names) {
        System.out.print(client.command(path.apply(name), body));
      }
    }
  }
}
