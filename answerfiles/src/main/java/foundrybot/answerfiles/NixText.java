// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads an expression of the Nix language far enough to see that its strings, comments and brackets
 * are closed, each by its own kind; what is between them is left to Nix.
 */
final class NixText {
  private static final String OPENING = "{[(";
  private static final String CLOSING = "}])";

  /** What stands open: a bracket, a quote, or the two quotes of an indented string. */
  private record Open(char kind, int line) {}

  private final String name;
  private final String text;
  private final Deque<Open> open = new ArrayDeque<>();
  private int line = 1;
  private int at;

  private NixText(String name, String text) {
    this.name = name;
    this.text = text;
  }

  /** Throws {@link RenderException} with the line. */
  static void check(String name, String text) {
    new NixText(name, text).check();
  }

  private void check() {
    while (at < text.length()) {
      int before = at;
      boolean inString =
          !open.isEmpty() && (open.peek().kind() == '"' || open.peek().kind() == 'i');
      at = inString ? inString(open.peek().kind()) : outside();
      line += (int) text.substring(before, at).chars().filter(c -> c == '\n').count();
    }
    if (!open.isEmpty()) {
      Open first = open.peek();
      String what = first.kind() == 'i' ? "''" : String.valueOf(first.kind());
      throw new RenderException(name + ":" + first.line() + ": " + what + " is never closed");
    }
  }

  /** Where to read on; a string ends by its own quotes and can hold expressions. */
  private int inString(char kind) {
    if (text.startsWith("${", at)) {
      open.push(new Open('{', line));
      return at + 2;
    }
    if (kind == '"') {
      if (text.charAt(at) == '\\') {
        return Math.min(at + 2, text.length());
      }
      if (text.charAt(at) == '"') {
        open.pop();
      }
      return at + 1;
    }
    if (text.startsWith("''", at)) {
      boolean escapes = text.startsWith("''$", at) || text.startsWith("''\\", at);
      if (escapes || text.startsWith("'''", at)) {
        return at + 3;
      }
      open.pop();
      return at + 2;
    }
    return at + 1;
  }

  private int outside() {
    char c = text.charAt(at);
    if (c == '#') {
      int end = text.indexOf('\n', at);
      return end < 0 ? text.length() : end;
    }
    if (text.startsWith("/*", at)) {
      int end = text.indexOf("*/", at + 2);
      if (end < 0) {
        throw new RenderException(name + ":" + line + ": /* is never closed");
      }
      return end + 2;
    }
    if (text.startsWith("''", at)) {
      open.push(new Open('i', line));
      return at + 2;
    }
    if (c == '"' || OPENING.indexOf(c) >= 0) {
      open.push(new Open(c, line));
    } else if (CLOSING.indexOf(c) >= 0) {
      if (open.isEmpty() || open.peek().kind() != OPENING.charAt(CLOSING.indexOf(c))) {
        throw new RenderException(name + ":" + line + ": " + c + " closes nothing");
      }
      open.pop();
    }
    return at + 1;
  }
}
