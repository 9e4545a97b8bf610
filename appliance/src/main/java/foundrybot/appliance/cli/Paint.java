// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.lifecycle.Condition;
import java.util.ArrayList;
import java.util.List;

/** Texts for a terminal: colours of conditions, bars, lines that fit. */
final class Paint {
  private static final String END = "\u001b[0m";
  private static final int BAR = 10;

  private Paint() {}

  /** In the colour of that condition, which is not the only thing that tells it. */
  static String condition(String text, String condition, boolean colour) {
    String code =
        condition.equals(Condition.STUCK.toString())
            ? "\u001b[1;31m"
            : condition.equals(Condition.HELD.toString())
                ? "\u001b[35m"
                : condition.equals(Condition.RETRYING.toString())
                    ? "\u001b[33m"
                    : condition.equals(Condition.OK.toString()) ? "\u001b[32m" : "\u001b[2m";
    return colour ? code + text + END : text;
  }

  /** A bar of ten characters and the per cent, such as {@code ####...... 40 %}. */
  static String bar(long done, long total) {
    long part = total <= 0 ? 0 : Math.clamp(Math.round(100.0 * done / total), 0, 100);
    int full = (int) (part * BAR / 100);
    return "#".repeat(full) + ".".repeat(BAR - full) + " " + part + " %";
  }

  /** At most as long, with a mark where something was cut off. */
  static String cut(String text, int width) {
    return text.length() > width ? text.substring(0, width - 1) + "…" : text;
  }

  /** The same, but its end is kept as well: names often differ in their last characters only. */
  static String cutInside(String text, int width) {
    int tail = (width - 1) / 2;
    return text.length() > width
        ? text.substring(0, width - 1 - tail) + "…" + text.substring(text.length() - tail)
        : text;
  }

  /** Lines of words that fit; what is longer than a line stands as it is. */
  static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** The same as one text, with an indent before all lines but the first. */
  static String wrapped(String first, String text, int width, String indent) {
    return String.join("\n" + indent, wrapped(first + text, width - indent.length())) + "\n";
  }
}
