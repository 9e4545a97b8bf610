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
    return keys(Optional.empty());
  }

  /**
   * The same where the passphrase may lie in a file. A plain key among encrypted ones is used by no
   * command, as it is used by no appliance: anybody may have put it there.
   */
  KeyRing keys(Optional<String> passphrase) {
    KeyRing keys = KeyRing.of(path(), new Passphrase(path(), passphrase));
    keys.requireWhole();
    return keys;
  }

  Path path() {
    return data.toAbsolutePath().normalize();
  }
}
