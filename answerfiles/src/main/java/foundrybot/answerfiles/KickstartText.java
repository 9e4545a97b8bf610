// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a kickstart file far enough to see that its commands and sections are known to the
 * installers of today, that sections and quotes are closed, and that no command which can be there
 * once is there twice.
 */
final class KickstartText {
  private static final Pattern SECTION = Pattern.compile("%([a-z-]+)(\\s.*)?");
  private static final Pattern COMMAND = Pattern.compile("([a-z][a-z0-9_-]*)(\\s.*)?");

  private KickstartText() {}

  /** Throws {@link RenderException} with the line. */
  static void check(String name, String text) {
    if (!text.endsWith("\n")) {
      throw new RenderException(name + ": no line break at the end");
    }
    Set<String> seen = new HashSet<>();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      String where = name + ":" + (i + 1) + ": ";
      Matcher section = SECTION.matcher(line);
      if (section.matches() && !isDirective(section.group(1))) {
        i = section(name, where, section, lines, i);
      } else if (!line.isEmpty() && !line.startsWith("#") && !line.startsWith("%")) {
        command(where, line, seen);
      } else if (line.equals("%end")) {
        throw new RenderException(where + "%end without a section");
      }
    }
  }

  private static boolean isDirective(String word) {
    return word.equals("include") || word.equals("ksappend") || word.equals("end");
  }

  /** The line of its %end, counted from 0. */
  private static int section(
      String name, String where, Matcher section, String[] lines, int first) {
    String kind = section.group(1);
    if (!KickstartCommands.SECTIONS.contains(kind)) {
      String known = String.join(", ", new TreeSet<>(KickstartCommands.SECTIONS));
      throw new RenderException(where + "%" + kind + " (expected: one of " + known + ")");
    }
    options(where, lines[first].strip());
    StringBuilder body = new StringBuilder();
    for (int i = first + 1; i < lines.length; i++) {
      if (lines[i].strip().equals("%end")) {
        String options = String.valueOf(section.group(2));
        if (KickstartCommands.SCRIPTS.contains(kind) && !options.contains("--interpreter")) {
          ShellText.quotes(name, body.toString(), first + 2);
        }
        return i;
      }
      body.append(lines[i]).append('\n');
    }
    throw new RenderException(where + "%" + kind + " is never closed (expected: %end)");
  }

  private static void command(String where, String line, Set<String> seen) {
    Matcher command = COMMAND.matcher(line);
    if (!command.matches()) {
      throw new RenderException(
          where + Values.shown(line) + " (expected: a command in lower case, or a section)");
    }
    String word = command.group(1).toLowerCase(Locale.ROOT);
    known(where, word);
    options(where, line);
    if (KickstartCommands.ONCE.contains(word) && !seen.add(word)) {
      throw new RenderException(where + word + ": a second time");
    }
    if (isOpen(line)) {
      throw new RenderException(where + word + ": a quote is never closed");
    }
  }

  private static void known(String where, String word) {
    String instead = KickstartCommands.REMOVED.get(word);
    if (instead != null) {
      throw new RenderException(
          where + word + ": not in RHEL 10 or Fedora any more (expected: " + instead + ")");
    }
    if (!KickstartCommands.KNOWN.contains(word)) {
      String expected = "a command of kickstart";
      throw new RenderException(
          where
              + Values.shown(word)
              + " (expected: "
              + Suggestion.append(expected, word, KickstartCommands.KNOWN)
              + ")");
    }
  }

  private static void options(String where, String line) {
    KickstartCommands.REMOVED_OPTIONS.forEach(
        (removed, instead) -> {
          if (removed.matcher(line).matches()) {
            throw new RenderException(
                where
                    + Values.shown(line)
                    + ": an option that RHEL 10 or Fedora has no more (expected: "
                    + instead
                    + ")");
          }
        });
  }

  private static boolean isOpen(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != '\'' && c == '\\') {
        i++;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (quote == c) {
        quote = 0;
      }
    }
    return quote != 0;
  }
}
