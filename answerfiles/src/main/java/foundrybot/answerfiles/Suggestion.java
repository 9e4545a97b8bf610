// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody who made a typing mistake probably meant. */
final class Suggestion {
  private static final int LONGEST_WORD = 64;

  private Suggestion() {}

  static String append(String expected, String text, Collection<String> choices) {
    return closest(text, choices)
        .map(choice -> expected + "; did you mean " + choice + "?")
        .orElse(expected);
  }

  /** The choice with the fewest mistakes, if they are few for a word of that length. */
  static Optional<String> closest(String text, Collection<String> choices) {
    if (text.length() > LONGEST_WORD) {
      return Optional.empty();
    }
    String word = text.toLowerCase(Locale.ROOT);
    String best = "";
    int fewest = Integer.MAX_VALUE;
    for (String choice : choices) {
      int mistakes = distance(word, choice.toLowerCase(Locale.ROOT));
      if (mistakes < fewest) {
        fewest = mistakes;
        best = choice;
      }
    }
    return fewest <= Math.max(1, best.length() / 3) ? Optional.of(best) : Optional.empty();
  }

  /** Insertions, deletions, substitutions and swaps of neighbours that lead from a to b. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int changed = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + changed, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
