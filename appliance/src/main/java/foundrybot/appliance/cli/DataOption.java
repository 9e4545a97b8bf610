// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.store.KeyRing;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The one option that every command which touches an appliance has. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${FOUNDRYBOT_DATA:-foundrybot-data}",
      description = "The appliance's folder (default: $FOUNDRYBOT_DATA or ./foundrybot-data).")
  private Path data = Path.of("foundrybot-data");

  /** Its keys, for which a passphrase is asked where one is needed. */
  KeyRing keys() {
    return KeyRing.of(path(), new Passphrase(path(), Optional.empty()));
  }

  Path path() {
    return data.toAbsolutePath().normalize();
  }
}
