// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import java.util.List;
import java.util.regex.Pattern;

/** Takes out of a line what has no place in a log; installers print their arguments and answers. */
public final class Secrets {
  static final String MASK = "***";

  private static final String NAMES =
      "(?:password|passwd|passphrase|passcode|psk|secret|token|bearer|(?:private|api|auth)["
          + " _-]?key)";

  /**
   * The name of a question about a secret, and the blanks behind it. A machine chooses how long a
   * line is, so nothing here is tried again: each character of it is looked at once or twice.
   */
  private static final String QUESTION = "(?=\\S[^\\s/]*+/\\S*?" + NAMES + ")\\S++\\s++";

  /**
   * What is masked.
   *
   * @param kept what stands in place of it, with groups of the pattern
   */
  private record Rule(Pattern pattern, String kept) {
    private static Rule of(String regex, String kept) {
      return new Rule(Pattern.compile(regex), kept);
    }

    private String apply(String line) {
      return pattern.matcher(line).replaceAll(kept);
    }
  }

  private static final List<Rule> RULES =
      List.of(
          // A private key (RFC 7468) on one line, or its beginning.
          Rule.of(
              "(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----).*?(-----END [A-Z0-9 ]*-----|$)",
              "$1" + MASK + "$2"),
          // The form of a node's token, wherever it stands: 32 hex digits that are no part of more.
          Rule.of("(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])", MASK),
          // A key of a webhook.
          Rule.of("whsec_[A-Za-z0-9+/=]+", "whsec_" + MASK),
          // Password hashes of crypt(5).
          Rule.of("\\$(?:[1567]|2[abxy]|gy|y)\\$[A-Za-z0-9./$=,]{8,}", MASK),
          // A WireGuard key, or anything of its form.
          Rule.of("(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])", MASK),
          // A line of base64 as in a key; no digest, which is hexadecimal, and no path.
          Rule.of(
              "(?<![A-Za-z0-9+/])(?=[A-Za-z0-9+/]*[G-Z])(?=[A-Za-z0-9+/]*[g-z])"
                  + "(?=[A-Za-z0-9+/]*[0-9+])[A-Za-z0-9+/]{60,}={0,2}",
              MASK),
          // debconf: a question about a secret, its type, and all of the answer; or by its
          // protocol.
          Rule.of(
              "(?i)(?<!\\S)(" + QUESTION + "(?:password|string|text|note)\\s++)\\S.*", "$1" + MASK),
          Rule.of("(?i)(\\bSET\\s++" + QUESTION + ")\\S.*", "$1" + MASK),
          // kickstart: rootpw, with options before or behind.
          Rule.of(
              "(?i)(\\brootpw(?:\\s+--\\S+)*\\s+)(?!--)(?:\"[^\"]*\"|'[^']*'|\\S+)", "$1" + MASK),
          // An argument of a command.
          Rule.of("(?i)(\\s--?" + NAMES + "\\s+)(?!-)(?:\"[^\"]*\"|'[^']*'|\\S+)", "$1" + MASK),
          // user:password@ of a URL (RFC 3986, section 3.2.1).
          Rule.of("(://[^/\\s:@]*:)[^/\\s@]+@", "$1" + MASK + "@"),
          // A word, or what is quoted, that is a secret by the one before it.
          Rule.of("(?i)(" + NAMES + "['\"]?\\s*[=:]\\s*)(?:\"[^\"]+\"|'[^']+')", "$1" + MASK),
          Rule.of(
              "(?i)("
                  + NAMES
                  + "(?:['\"]?\\s*[=:]\\s*['\"]?|\\s+(?=bearer)|(?<=bearer)\\s+))[^\\s'\"&;,]+",
              "$1" + MASK));

  private Secrets() {}

  /** The same line with *** in place of what looks like a secret. */
  public static String masked(String text) {
    String line = text;
    for (Rule rule : RULES) {
      line = rule.apply(line);
    }
    return line;
  }
}
