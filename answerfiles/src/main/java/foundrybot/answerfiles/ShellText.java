// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a shell script far enough to see that no quote of a value leaked into it. */
final class ShellText {
  private static final Pattern HERE = Pattern.compile("<<-?\\s*(['\"\\\\]?)([A-Za-z0-9_]+)\\1?");

  private ShellText() {}

  /** Throws {@link RenderException} if a quote is left open, or if the script has no last line. */
  static void check(String name, String text) {
    if (!text.endsWith("\n")) {
      throw new RenderException(name + ": no line break at the end");
    }
    quotes(name, text, 1);
  }

  /**
   * Throws {@link RenderException} if a quote is left open.
   *
   * @param firstLine the number of the text's first line, for the message
   */
  static void quotes(String name, String text, int firstLine) {
    Deque<String> here = new ArrayDeque<>();
    char quote = 0;
    int line = firstLine;
    int opened = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
        if (quote == 0 && !here.isEmpty()) {
          int end = end(text, i + 1, here);
          line += (int) text.substring(i + 1, end).chars().filter(each -> each == '\n').count();
          i = end - 1;
        }
      } else if (quote == 0 && c == '#' && Character.isWhitespace(before(text, i))) {
        // Stops in front of the line break, which the next round counts.
        int end = text.indexOf('\n', i);
        i = (end < 0 ? text.length() : end) - 1;
      } else if (quote != '\'' && c == '\\') {
        line += i + 1 < text.length() && text.charAt(i + 1) == '\n' ? 1 : 0;
        i++;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        opened = line;
      } else if (quote == c) {
        quote = 0;
      } else if (quote == 0 && c == '<') {
        i = hereDocument(text, i, here);
      }
    }
    if (quote != 0) {
      throw new RenderException(name + ":" + opened + ": a quote is never closed");
    }
  }

  /** Notes the word that ends a document which begins with the next line; where to read on. */
  private static int hereDocument(String text, int index, Deque<String> here) {
    Matcher matcher = HERE.matcher(text).region(index, text.length());
    if (text.startsWith("<<<", index) || !matcher.lookingAt()) {
      return text.startsWith("<<<", index) ? index + 2 : index;
    }
    here.add(matcher.group(2));
    return matcher.end() - 1;
  }

  /** Behind the documents that begin here: what is in them has no quotes of the script. */
  private static int end(String text, int from, Deque<String> here) {
    int at = from;
    while (!here.isEmpty() && at < text.length()) {
      int stop = text.indexOf('\n', at);
      int next = stop < 0 ? text.length() : stop + 1;
      if (text.substring(at, stop < 0 ? next : stop).strip().equals(here.peek())) {
        here.remove();
      }
      at = next;
    }
    here.clear();
    return at;
  }

  private static char before(String text, int index) {
    return index == 0 ? '\n' : text.charAt(index - 1);
  }
}
