// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** Whether output has colours. */
final class ColourOption {
  /** When. */
  enum When {
    AUTO,
    ALWAYS,
    NEVER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "auto (on a terminal, unless NO_COLOR is set), always or never.")
  private When when = When.AUTO;

  boolean wanted() {
    return wanted(
        when,
        PasswordOption.terminal().isPresent(),
        System.getenv().getOrDefault("NO_COLOR", ""),
        System.getenv().getOrDefault("TERM", ""));
  }

  static boolean wanted(When when, boolean terminal, String noColour, String term) {
    return when == When.ALWAYS
        || (when == When.AUTO && terminal && noColour.isEmpty() && !term.equals("dumb"));
  }
}
