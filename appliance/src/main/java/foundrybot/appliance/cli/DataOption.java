// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The one option that every command which touches an appliance has. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${FOUNDRYBOT_DATA:-foundrybot-data}",
      description = "The appliance's folder (default: $FOUNDRYBOT_DATA or ./foundrybot-data).")
  private Path data = Path.of("foundrybot-data");

  Path path() {
    return data.toAbsolutePath().normalize();
  }
}
