// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

/** Reads a shell script far enough to see that no quote of a value leaked into it. */
final class ShellText {
  private ShellText() {}

  /** Throws {@link RenderException} if a quote is left open, or if the script has no last line. */
  static void check(String name, String text) {
    if (!text.startsWith("#!/bin/sh\n") || !text.endsWith("\nexit 0\n")) {
      throw new RenderException(name + ": cut off (expected: from #!/bin/sh to exit 0)");
    }
    char quote = 0;
    int line = 1;
    int opened = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line++;
      }
      if (quote == 0 && c == '#' && Character.isWhitespace(before(text, i))) {
        // Stops in front of the line break, which the next round counts.
        i = text.indexOf('\n', i) - 1;
      } else if (quote != '\'' && c == '\\') {
        line += text.charAt(i + 1) == '\n' ? 1 : 0;
        i++;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        opened = line;
      } else if (quote == c) {
        quote = 0;
      }
    }
    if (quote != 0) {
      throw new RenderException(name + ":" + opened + ": a quote is never closed");
    }
  }

  private static char before(String text, int index) {
    return index == 0 ? '\n' : text.charAt(index - 1);
  }
}
