// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a preseed as the installer will, and refuses what it would trip over. */
final class PreseedText {
  private static final Set<String> TYPES =
      Set.of("string", "boolean", "select", "multiselect", "password", "note", "text", "error");

  /** Owner, question and type with single spaces, then the value, whose blanks count. */
  private static final Pattern LINE =
      Pattern.compile(
          "(?<owner>[a-z0-9][a-z0-9.+-]*) (?<question>[A-Za-z0-9/_.+-]+)"
              + " (?<type>[a-z]+)(?: (?<value>.*))?",
          Pattern.DOTALL);

  private PreseedText() {}

  /** Throws {@link RenderException} with the line; a value is not shown, as it may be secret. */
  static void check(String name, String text) {
    if (!text.endsWith("\n")) {
      throw new RenderException(name + ": no line break at the end");
    }
    Map<String, Integer> questions = new HashMap<>();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int first = i + 1;
      StringBuilder line = new StringBuilder(lines[i]);
      while (!isComment(line) && line.toString().endsWith("\\")) {
        if (++i == lines.length - 1) {
          throw new RenderException(name + ":" + first + ": continued beyond the end");
        }
        line.setLength(line.length() - 1);
        line.append(lines[i].stripLeading());
      }
      if (!line.toString().isBlank() && !isComment(line)) {
        check(name + ":" + first + ": ", line.toString(), first, questions);
      }
    }
  }

  private static boolean isComment(CharSequence line) {
    return !line.isEmpty() && line.charAt(0) == '#';
  }

  private static void check(String where, String line, int number, Map<String, Integer> questions) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches() || !TYPES.contains(matcher.group("type"))) {
      throw new RenderException(where + "not a line of: owner question type value");
    }
    String value = matcher.group("value");
    boolean isBoolean = "true".equals(value) || "false".equals(value);
    if (matcher.group("type").equals("boolean") && !isBoolean) {
      throw new RenderException(where + matcher.group("question") + ": neither true nor false");
    }
    if (Values.hasControl(line)) {
      throw new RenderException(where + matcher.group("question") + ": a control character");
    }
    String key = matcher.group("owner") + " " + matcher.group("question");
    Integer earlier = questions.putIfAbsent(key, number);
    if (earlier != null) {
      throw new RenderException(where + key + ": answered in line " + earlier + " already");
    }
  }
}
