// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.List;

/** What changed from one text to another, line by line, as {@code diff -u} without context. */
final class LineDiff {
  /** The table of common lines has the square of this. */
  private static final int MOST_LINES = 2_000;

  private LineDiff() {}

  /** Nothing if they are equal; each line ends with a line break. */
  static String between(String before, String after, String nameBefore, String nameAfter) {
    if (before.equals(after)) {
      return "";
    }
    List<String> a = before.lines().toList();
    List<String> b = after.lines().toList();
    int[][] common = common(a, b);
    StringBuilder text = new StringBuilder("--- " + nameBefore + "\n+++ " + nameAfter + "\n");
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        i++;
        j++;
      } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
        text.append('-').append(a.get(i++)).append('\n');
      } else {
        text.append('+').append(b.get(j++)).append('\n');
      }
    }
    return text.toString();
  }

  /** How many lines the ends of both have in common, from each pair of places. */
  private static int[][] common(List<String> a, List<String> b) {
    if (a.size() > MOST_LINES || b.size() > MOST_LINES) {
      throw new UserException(
          Main.FAILED, "--diff: more than " + MOST_LINES + " lines (expected: fewer; use diff)");
    }
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
