// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as people write them: {@code 90s}, {@code 15m}, {@code 2h}, {@code 7d}. */
final class Spans {
  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,5})([smhd])");

  private Spans() {}

  /** The length that the text names; empty if it names none. */
  static Optional<Duration> of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(form.group(1));
    return Optional.of(
        switch (form.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }
}
