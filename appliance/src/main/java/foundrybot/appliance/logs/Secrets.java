// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import java.util.regex.Pattern;

/** Takes out of a line what has no place in a log; installers print their arguments and answers. */
public final class Secrets {
  private static final String MASK = "***";

  /** The form of a node's token, wherever it stands: 32 hex digits that are no part of more. */
  private static final Pattern TOKEN =
      Pattern.compile("(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])");

  /** Password hashes of crypt(5). */
  private static final Pattern HASH =
      Pattern.compile("\\$(?:[1567]|2[abxy]|gy|y)\\$[A-Za-z0-9./$=,]{8,}");

  /** A word that is a secret by the one before it. */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?i)((?:password|passwd|passphrase|secret|token|bearer|private[ _-]?key)"
              + "(?:['\"]?\\s*[=:]\\s*['\"]?|\\s+(?=bearer)|(?<=bearer)\\s+))[^\\s'\"&;,]+");

  /** A WireGuard key, or anything of its form. */
  private static final Pattern KEY =
      Pattern.compile("(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])");

  private Secrets() {}

  /** The same text with *** in place of what looks like a secret. */
  public static String masked(String text) {
    String line = TOKEN.matcher(text).replaceAll(MASK);
    line = HASH.matcher(line).replaceAll(MASK);
    line = KEY.matcher(line).replaceAll(MASK);
    return NAMED.matcher(line).replaceAll("$1" + MASK);
  }
}
