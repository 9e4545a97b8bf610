// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * RFC 3164, and what programs made of it: busybox names no host, rsyslog's forwarding writes the
 * time as ISO 8601, and others begin with the text at once.
 */
final class OldFormat {
  /** The time: section 4.1.2, or a date and time of ISO 8601 with at most nine decimals. */
  private static final Pattern TIME =
      Pattern.compile(
          "(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}"
              + "|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?"
              + "(?:Z|[+-][0-9]{2}:[0-9]{2})) ");

  /** Section 4.1.3: a program, perhaps its process, and a colon. */
  private static final Pattern TAG =
      Pattern.compile("([\\p{Alnum}_./()-]{1,48})(?:\\[[^\\]\\s]{0,16}\\])?: ?");

  private static final Pattern HOST = Pattern.compile("([\\p{Alnum}_.:-]{1,255}) ");

  private OldFormat() {}

  static SyslogMessage read(int priority, String content) {
    Matcher time = TIME.matcher(content);
    if (!time.lookingAt()) {
      return tagged(priority, "", content);
    }
    String rest = content.substring(time.end());
    Matcher host = HOST.matcher(rest);
    // A word with a colon at its end is a tag: no host was named.
    boolean named =
        !TAG.matcher(rest).lookingAt() && host.lookingAt() && !host.group(1).endsWith(":");
    return named
        ? tagged(priority, host.group(1), rest.substring(host.end()))
        : tagged(priority, "", rest);
  }

  private static SyslogMessage tagged(int priority, String host, String content) {
    Matcher tag = TAG.matcher(content);
    return tag.lookingAt()
        ? SyslogMessage.of(priority, host, tag.group(1), content.substring(tag.end()))
        : SyslogMessage.of(priority, host, "", content);
  }
}
