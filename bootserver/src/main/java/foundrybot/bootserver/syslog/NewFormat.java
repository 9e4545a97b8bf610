// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import foundrybot.bootserver.syslog.SyslogMessage.Decoded;

/** RFC 5424 section 6, from behind the version. */
final class NewFormat {
  /** TIMESTAMP, HOSTNAME, APP-NAME, PROCID, MSGID: the most characters of each. */
  private static final int[] LONGEST = {64, 255, 48, 128, 32};

  private static final int HOST = 1;
  private static final int APP = 2;

  private NewFormat() {}

  static Decoded read(int priority, String text, int from) {
    String[] fields = new String[LONGEST.length];
    int at = from;
    for (int i = 0; i < fields.length; i++) {
      int end = text.indexOf(' ', at);
      if (end <= at || end - at > LONGEST[i]) {
        return new Decoded.Malformed("header");
      }
      fields[i] = field(text.substring(at, end));
      at = end + 1;
    }
    int after = afterData(text, at);
    if (after < 0) {
      return new Decoded.Malformed("data");
    }
    String message = text.substring(Math.min(after + 1, text.length()));
    return new Decoded.Line(SyslogMessage.of(priority, fields[HOST], fields[APP], message));
  }

  /** A hyphen is NILVALUE. */
  private static String field(String text) {
    return text.equals("-") ? "" : text;
  }

  /** Where structured data ends (section 6.3), which must be at a space or at the end; else -1. */
  private static int afterData(String text, int from) {
    int at = from;
    if (text.startsWith("-", at)) {
      at++;
    } else {
      while (at < text.length() && text.charAt(at) == '[') {
        at = afterElement(text, at + 1);
        if (at < 0) {
          return -1;
        }
      }
    }
    boolean ended = at == text.length() || text.charAt(at) == ' ';
    return at > from && ended ? at : -1;
  }

  /**
   * Behind the bracket that closes an element; one in a quoted value is escaped or not, both pass.
   */
  private static int afterElement(String text, int from) {
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ']' && !quoted) {
        return i + 1;
      }
    }
    return -1;
  }
}
