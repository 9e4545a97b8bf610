// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.hardware;

/** What values of a machine's report may be; each fault names the value's place and the limit. */
final class Checks {
  private static final int LONGEST = 128;

  /** What a number of JSON holds exactly (RFC 8785, appendix D); no disk has as many bytes. */
  static final long MOST = 1L << 53;

  private Checks() {}

  static void matches(String what, String value, String regex) {
    if (!value.matches(regex)) {
      throw new IllegalArgumentException(what + ": unreadable (expected: " + regex + ")");
    }
  }

  /** Also names of controllers with a slash, for which the kernel writes an exclamation mark. */
  static void diskName(String name) {
    matches("name of a disk", name, "[A-Za-z0-9][A-Za-z0-9!._-]{0,39}");
  }

  static void text(String what, String value) {
    if (value.length() > LONGEST || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          what + ": unreadable (expected: printable ASCII, at most " + LONGEST + ")");
    }
  }

  static void count(String what, long value, long most) {
    if (value < 0 || value > most) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: 0.." + most + ")");
    }
  }
}
