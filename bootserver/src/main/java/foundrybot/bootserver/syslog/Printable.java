// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.syslog;

/** Texts from the network that may be shown on a terminal. */
final class Printable {
  private Printable() {}

  /**
   * The text in one line: without escape sequences of terminals, with a space for each other
   * control character, without what turns the direction of writing or is not a character, and cut.
   */
  static String of(String text, int longest) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), longest));
    int i = 0;
    while (i < text.length() && out.length() < longest) {
      int c = text.codePointAt(i);
      if (c == 0x1b) {
        i = afterEscape(text, i + 1);
        continue;
      }
      i += Character.charCount(c);
      int shown = shown(c);
      if (shown >= 0 && out.length() + Character.charCount(shown) <= longest) {
        out.appendCodePoint(shown);
      }
    }
    return out.toString().strip();
  }

  /** A control sequence (ECMA-48 section 5.4) to its final character, or one character. */
  private static int afterEscape(String text, int at) {
    if (at >= text.length() || text.charAt(at) != '[') {
      return Math.min(at + (at < text.length() && text.charAt(at) > ' ' ? 1 : 0), text.length());
    }
    int i = at + 1;
    while (i < text.length() && text.charAt(i) >= ' ' && text.charAt(i) <= '?') {
      i++;
    }
    boolean isFinal = i < text.length() && text.charAt(i) >= '@' && text.charAt(i) <= '~';
    return isFinal ? i + 1 : i;
  }

  /** The code point to show, or -1 for none. */
  private static int shown(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
      case Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED -> -1;
      default -> c;
    };
  }
}
