// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import foundrybot.redfish.http.Wire;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The header Retry-After (RFC 9110, 10.2.3), seconds or a date. */
final class RetryAfter {

  /** No BMC is waited for longer at a time, whatever it asks for. */
  static final Duration CAP = Duration.ofSeconds(60);

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

  /** All that RFC 9110, 5.6.7, has anybody understand: the usual form and two old ones. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss zzz", Locale.US),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
              .withZone(ZoneOffset.UTC));

  private RetryAfter() {}

  /** How long to wait: 0..60 s; empty for what cannot be understood. */
  static Optional<Duration> read(String value, Instant now) {
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return Optional.of(capped(Duration.ofSeconds((long) Math.ceil(Double.parseDouble(text)))));
    }
    return date(text).map(then -> capped(Duration.between(now, then)));
  }

  /**
   * The same of an answer. A date counts from the one that the answer bears, since clocks of BMCs
   * are often wrong; one that is over says nothing.
   */
  static Optional<Duration> of(Wire.Reply reply, Instant now) {
    Instant there = date(reply.header("Date").strip()).orElse(now);
    return read(reply.header("Retry-After"), there).filter(wait -> !wait.isZero());
  }

  private static Optional<Instant> date(String text) {
    for (DateTimeFormatter form : DATES) {
      try {
        return Optional.of(ZonedDateTime.parse(text, form).toInstant());
      } catch (DateTimeException | ArithmeticException e) {
        // Perhaps in another form.
      }
    }
    return Optional.empty();
  }

  private static Duration capped(Duration wanted) {
    if (wanted.isNegative()) {
      return Duration.ZERO;
    }
    return wanted.compareTo(CAP) > 0 ? CAP : wanted;
  }
}
