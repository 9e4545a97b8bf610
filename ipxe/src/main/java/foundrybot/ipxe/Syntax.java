// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What iPXE makes of a line, and so what may stand in one (src/core/exec.c, src/image/script.c).
 *
 * <p>A line ends at LF; a backslash as its last character joins the next line. Words are split at
 * white space; a word that is {@code ||}, {@code &&} or {@code ;} ends a command; a word that
 * begins with {@code #} ends the line. Nothing quotes. Settings are expanded after that, word by
 * word. Options are looked for until the first word that has no hyphen, or {@code --}.
 */
final class Syntax {

  /** Longest line, a bound of ours: iPXE holds a line several times over in a small heap. */
  static final int MAX_LINE = 4096;

  /** Longest kernel command line: Linux on x86 has 2048 bytes with the closing NUL. */
  static final int MAX_KERNEL_ARGUMENTS = 2047;

  /** Longest text made displayable for a person: a few console lines. */
  static final int MAX_DISPLAYED = 400;

  private static final Set<String> OPERATORS = Set.of("||", "&&", ";");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}");

  private Syntax() {}

  static boolean isOperator(String word) {
    return OPERATORS.contains(word);
  }

  /** Checks a text that must reach the command as exactly one argument. */
  static void word(String what, Text text) {
    String source = text.source();
    if (source.isEmpty() || source.indexOf(' ') >= 0) {
      throw refused(what, source, "one word, not empty and without spaces");
    }
    phrase(what, text);
  }

  /** Checks a text that iPXE splits into words and joins again with one space each. */
  static void phrase(String what, Text text) {
    String source = text.source();
    if (source.startsWith(" ") || source.endsWith(" ") || source.contains("  ")) {
      throw refused(what, source, "single spaces and only between words; iPXE drops the others");
    }
    for (String word : source.split(" ", -1)) {
      if (isOperator(word)) {
        throw refused(what, source, "no word \"" + word + "\"; iPXE would end the command there");
      }
      if (word.startsWith("#")) {
        throw refused(what, source, "no word that begins with '#'; iPXE would drop the rest");
      }
    }
  }

  /** Checks a location: one word in which no setting can add a delimiter. */
  static void location(String what, Text text) {
    word(what, text);
    if (!text.fits(Setting.Fits.URI)) {
      throw refused(
          what, text.source(), "settings in a URI as :uristring, :hexhyp, :uuid or the like");
    }
  }

  /** Checks one kernel argument: it must stay one argument on the kernel's command line too. */
  static void kernelArgument(Text text) {
    String what = "kernel argument";
    word(what, text);
    String source = text.source();
    if (!text.fits(Setting.Fits.KERNEL_ARGUMENT)) {
      throw refused(
          what, source, "settings in a format without spaces and quotes, as :hexraw or :uuid");
    }
    if (source.chars().filter(c -> c == '"').count() % 2 != 0) {
      throw refused(what, source, "double quotes in pairs; Linux would run on into the next one");
    }
  }

  /** Checks the name of a label, an image, or a variable. */
  static void name(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw refused(
          what, name, "1 to 64 letters, digits, '.', '_', '-', the first no '.' and no '-'");
    }
  }

  /** Words behind the options: {@code --} keeps a first one from being read as an option. */
  static String operands(List<String> words) {
    String joined = String.join(" ", words);
    boolean ambiguous = joined.startsWith("-") || joined.startsWith("${");
    return ambiguous ? "-- " + joined : joined;
  }

  /** A value for an error text: control characters made visible, long ones cut. */
  static String shown(String value) {
    StringBuilder shown = new StringBuilder("\"");
    for (int i = 0; i < Math.min(value.length(), 120); i++) {
      char c = value.charAt(i);
      if (c < ' ' || c > '~') {
        shown.append(String.format("\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.append(value.length() > 120 ? "...\"" : "\"").toString();
  }

  private static IllegalArgumentException refused(String what, String value, String expected) {
    return new IllegalArgumentException(
        what + ": " + shown(value) + " (expected: " + expected + ")");
  }
}
