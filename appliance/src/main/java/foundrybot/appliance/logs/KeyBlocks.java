// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * Knows private keys (RFC 7468) that come line by line: of each speaker, what is hidden is all
 * between a beginning and its end. One that never ends hides so many lines at most.
 */
final class KeyBlocks {
  /** A key of RSA with 8192 bits has 100. */
  private static final int MOST_LINES = 128;

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----");
  private static final Pattern END = Pattern.compile("-----END [A-Z0-9 ]*-----");

  // Only machines of the rack file, and only those that print a key now.
  private final Map<Speaker, Integer> left = new ConcurrentHashMap<>();

  /** Whether the speaker's next line is a part of a key, behind its beginning. */
  boolean hides(Speaker speaker, String text) {
    boolean ends = END.matcher(text).find();
    boolean begins = !ends && BEGIN.matcher(text).find();
    AtomicBoolean inside = new AtomicBoolean();
    left.compute(
        speaker,
        (_, lines) -> {
          inside.set(lines != null);
          if (lines == null) {
            return begins ? Integer.valueOf(MOST_LINES) : null;
          }
          return ends || lines <= 1 ? null : Integer.valueOf(lines - 1);
        });
    return inside.get();
  }
}
