// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of every command that cannot do without a rack file. */
final class RackOption {
  @Option(
      names = "--rack",
      paramLabel = "FILE",
      defaultValue = "rack.yaml",
      description = "The rack file (default: ${DEFAULT-VALUE}).")
  private Path rack = Path.of("rack.yaml");

  RackSource source() {
    return new RackSource(rack);
  }
}
