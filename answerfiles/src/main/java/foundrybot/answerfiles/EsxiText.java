// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads VMware's kind of kickstart far enough to see that its commands and sections are those of
 * ESXi 8, that the license is accepted, and that a disk is named.
 *
 * <p>Its sections go on to the next one ("Installation and Upgrade Script Commands" of VMware ESXi
 * Installation and Setup, 8.0) and not to a line of their own.
 */
final class EsxiText {
  private static final Set<String> COMMANDS =
      Set.of(
          ("accepteula clearpart dryrun include install installorupgrade keyboard network paranoid"
                  + " part partition reboot rootpw serialnum upgrade vmaccepteula vmserialnum")
              .split(" "));

  private static final Pattern SECTION =
      Pattern.compile(
          "%(pre|post|firstboot)((\\s+--(interpreter=(python|busybox)|timeout=[0-9]+"
              + "|ignorefailure=(true|false)))*)");
  private static final Pattern COMMAND = Pattern.compile("%?([a-z]+)(\\s.*)?");

  private EsxiText() {}

  /** Throws {@link RenderException} with the line. */
  static void check(String name, String text) {
    if (!text.endsWith("\n")) {
      throw new RenderException(name + ": no line break at the end");
    }
    String[] lines = text.split("\n", -1);
    Set<String> seen = new HashSet<>();
    int at = 0;
    while (at < lines.length && !isSection(lines[at])) {
      command(name + ":" + (at + 1) + ": ", lines[at].strip(), seen);
      at++;
    }
    if (!seen.contains("vmaccepteula") && !seen.contains("accepteula")) {
      throw new RenderException(name + ": no vmaccepteula (expected: before the sections)");
    }
    // What is included may name the disk.
    if (seen.stream().noneMatch(Set.of("install", "installorupgrade", "include")::contains)) {
      throw new RenderException(name + ": no install (expected: the command, with a disk)");
    }
    while (at < lines.length) {
      at = section(name, lines, at);
    }
  }

  private static boolean isSection(String line) {
    return line.startsWith("%") && !line.startsWith("%include");
  }

  private static void command(String where, String line, Set<String> seen) {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    Matcher command = COMMAND.matcher(line);
    if (!command.matches() || !COMMANDS.contains(command.group(1))) {
      String expected = "a command of ESXi's installation script";
      String word = line.split("\\s", 2)[0];
      throw new RenderException(
          where
              + Values.shown(line)
              + " (expected: "
              + Suggestion.append(expected, word, COMMANDS)
              + ")");
    }
    if (!seen.add(command.group(1)) && !command.group(1).equals("include")) {
      throw new RenderException(where + command.group(1) + ": a second time");
    }
  }

  /** The line of the next section, counted from 0. */
  private static int section(String name, String[] lines, int first) {
    Matcher section = SECTION.matcher(lines[first].strip());
    if (!section.matches()) {
      throw new RenderException(
          name
              + ":"
              + (first + 1)
              + ": "
              + Values.shown(lines[first])
              + " (expected: %pre, %post or %firstboot, with --interpreter=python or busybox; no"
              + " %end)");
    }
    StringBuilder body = new StringBuilder();
    int at = first + 1;
    while (at < lines.length && !isSection(lines[at])) {
      body.append(lines[at]).append('\n');
      at++;
    }
    if (!section.group(2).contains("python")) {
      ShellText.quotes(name, body.toString(), first + 2);
    }
    return at;
  }
}
