// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import foundrybot.answerfiles.Mac;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Masks private keys (RFC 7468) that come line by line: of each machine, all between a beginning
 * and its end. One that never ends hides so many lines at most.
 */
final class KeyBlocks {
  /** A key of RSA with 8192 bits has 100. */
  private static final int MOST_LINES = 128;

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----");
  private static final Pattern END = Pattern.compile("-----END [A-Z0-9 ]*-----");

  // Only machines of the rack file, and only those that print a key now.
  private final Map<Mac, Integer> left = new ConcurrentHashMap<>();

  /** The machine's next line, without what is secret. */
  String masked(Mac mac, String text) {
    boolean ends = END.matcher(text).find();
    Integer inside = left.get(mac);
    if (inside != null) {
      if (ends || inside <= 1) {
        left.remove(mac);
      } else {
        left.put(mac, inside - 1);
      }
      return Secrets.MASK;
    }
    if (!ends && BEGIN.matcher(text).find()) {
      left.put(mac, MOST_LINES);
    }
    return Secrets.masked(text);
  }
}
