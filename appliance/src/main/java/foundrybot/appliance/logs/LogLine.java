// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * What a machine wrote into its log.
 *
 * @param at when it came, by the appliance's clock, to the microsecond; no two lines of a node have
 *     the same, and each has a later one than the line before it
 * @param from the address that it came from, which in a datagram may be forged; or {@link #CONSOLE}
 * @param text the program's name and what it said; printable, in one line, without secrets
 */
public record LogLine(Instant at, String from, String text) {
  /** Where lines come from that were read on the machine's serial console. */
  public static final String CONSOLE = "console";

  public boolean isConsole() {
    return from.equals(CONSOLE);
  }

  /** As it stands in a file, without the line break. */
  String written() {
    return at + " " + from + " " + text;
  }

  /** Empty for what a kill has torn. */
  static Optional<LogLine> of(String written) {
    String[] parts = written.split(" ", 3);
    if (parts.length < 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(new LogLine(Instant.parse(parts[0]), parts[1], parts[2]));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
