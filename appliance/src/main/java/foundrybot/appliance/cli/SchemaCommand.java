// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.RackSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Prints the rack file's JSON Schema. */
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = "Prints the JSON Schema of the rack file, for editors.")
final class SchemaCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    System.out.println(RackSchema.json());
    return 0;
  }
}
