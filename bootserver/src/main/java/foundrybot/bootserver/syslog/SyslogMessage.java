// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One line of a log, as a machine sent it. Texts are printable and bounded, whatever came. The
 * sender's own time is not kept: the clock of a machine that is being installed may be anything.
 *
 * @param facility 0..23 (RFC 5424 section 6.2.1)
 * @param severity 0 emergency .. 7 debug
 * @param host what it calls itself; empty where it does not say
 * @param app the program, without its process number; empty where it does not say
 * @param text the line; empty where nothing is left of it
 */
public record SyslogMessage(int facility, int severity, String host, String app, String text) {
  /** The longest text in characters; of a longer one the beginning is kept. */
  public static final int MAX_TEXT = 1024;

  /** RFC 5424 section 6: APP-NAME is the longest of what we keep beside the text. */
  static final int MAX_APP = 48;

  /** RFC 5424 section 6. */
  static final int MAX_HOST = 255;

  /** What a datagram turned out to be. */
  public sealed interface Decoded {
    /** A line. */
    record Line(SyslogMessage message) implements Decoded {}

    /**
     * Not a line.
     *
     * @param reason {@code priority}, {@code header} or {@code data}
     */
    record Malformed(String reason) implements Decoded {}
  }

  /**
   * Reads a datagram: RFC 5424 where a version follows the priority, else RFC 3164, of which all
   * but the priority may be missing (section 4.3). Never throws.
   */
  public static Decoded decode(ByteBuffer datagram) {
    String text = StandardCharsets.UTF_8.decode(datagram.duplicate()).toString();
    int end = text.indexOf('>');
    int priority = end < 0 ? -1 : priority(text.substring(0, end));
    if (priority < 0) {
      return new Decoded.Malformed("priority");
    }
    int at = end + 1;
    return text.startsWith("1 ", at)
        ? NewFormat.read(priority, text, at + 2)
        : new Decoded.Line(OldFormat.read(priority, text.substring(at)));
  }

  /** Of {@code <0} to {@code <191}, without leading zeros; else -1. */
  private static int priority(String text) {
    if (text.length() < 2 || text.length() > 4 || text.charAt(0) != '<') {
      return -1;
    }
    int value = 0;
    for (int i = 1; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (digit < '0' || digit > '9' || (value == 0 && i > 1)) {
        return -1;
      }
      value = value * 10 + digit - '0';
    }
    return value > 191 ? -1 : value;
  }

  static SyslogMessage of(int priority, String host, String app, String text) {
    return new SyslogMessage(
        priority >> 3,
        priority & 7,
        Printable.of(host, MAX_HOST),
        Printable.of(app, MAX_APP),
        Printable.of(text, MAX_TEXT));
  }
}
