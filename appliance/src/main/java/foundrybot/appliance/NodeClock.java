// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a machine says of its own time, beside ours. */
final class NodeClock {
  /** What a request's way may cost; the mesh takes nobody who is off by more. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** Seconds since 1970 in a report, of which the years until 5138 are read. */
  private static final Pattern TIME = Pattern.compile("(?:^| )time=(\\d{1,11})(?: |$)");

  private NodeClock() {}

  /**
   * By how much it is off; empty where that can be lived with, or where the machine told no time.
   *
   * @param said the machine's report, as {@code name=value name=value}
   */
  static Optional<String> off(String said, Instant now) {
    Matcher told = TIME.matcher(said);
    if (!told.find()) {
      return Optional.empty();
    }
    long off = Long.parseLong(told.group(1)) - now.getEpochSecond();
    return Math.abs(off) <= TOLERANCE.toSeconds()
        ? Optional.empty()
        : Optional.of(
            "the node's clock is %d s %s (expected: within %d s of %s)"
                .formatted(
                    Math.abs(off),
                    off < 0 ? "behind" : "ahead",
                    TOLERANCE.toSeconds(),
                    Instant.ofEpochSecond(now.getEpochSecond())));
  }
}
