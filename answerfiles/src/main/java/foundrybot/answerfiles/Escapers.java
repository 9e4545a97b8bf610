// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.regex.Pattern;

/** How a value enters each kind of answer file, whatever it holds. */
final class Escapers {
  private static final Pattern ARGUMENT = Pattern.compile("[!#-&(-\\[\\]-~]*");
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9+._:/@%=,-]+");

  private Escapers() {}

  /** A debconf answer ends with its line, and a backslash there would swallow the next one. */
  static String preseed(String value) {
    if (Values.hasControl(value) || value.indexOf('\\') >= 0) {
      throw refused(value, "no line break, control character or backslash");
    }
    return value;
  }

  /** One word for the shell, in single quotes, where nothing has a meaning but the next quote. */
  static String shell(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
        throw refused(value, "no control characters but line break and tab");
      }
    }
    return "'" + value.replace("'", "'\\''") + "'";
  }

  /** What the deployer takes between single quotes, with them. */
  static String conf(String value) {
    return "'" + DeployConf.value(value) + "'";
  }

  /**
   * A whole string of JSON (RFC 8259, section 7), which is one of YAML 1.2 as well (section 7.3.1).
   * All but printable ASCII is escaped, so that no reader's idea of line breaks matters.
   */
  static String json(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        default -> {
          if (c >= ' ' && c < 0x7f) {
            text.append(c);
          } else {
            text.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    return text.append('"').toString();
  }

  /**
   * A whole basic string of TOML (1.0, section "String"). Its escapes are those of JSON but for
   * what JSON writes as two halves, which TOML has no escape for.
   */
  static String toml(String value) {
    StringBuilder text = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(
            c -> {
              if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw refused(value, "Unicode without half characters");
              }
              if (c > 0xffff) {
                text.append(String.format("\\U%08x", c));
              } else {
                String one = json(Character.toString(c));
                text.append(one, 1, one.length() - 1);
              }
            });
    return text.append('"').toString();
  }

  /**
   * A whole string of the Nix language, in which a dollar and a brace would begin an expression.
   */
  static String nix(String value) {
    if (value.codePoints().anyMatch(c -> c != '\n' && c != '\t' && Values.isControl(c))) {
      throw refused(value, "no control characters but line break and tab");
    }
    String text =
        value
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("$", "\\$")
            .replace("\n", "\\n")
            .replace("\t", "\\t");
    return '"' + text + '"';
  }

  /** Text between tags, or between the quotes of an attribute (XML 1.0, sections 2.2 and 2.4). */
  static String xml(String value) {
    if (value.codePoints().anyMatch(c -> c != '\n' && c != '\t' && Values.isControl(c))) {
      throw refused(value, "no control characters but line break and tab");
    }
    return value
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** One word in single quotes; a line that says %end would end a section, quoted or not. */
  static String kickstart(String value) {
    if (Values.hasControl(value)) {
      throw refused(value, "no line break or control character; base64 carries them");
    }
    return shell(value);
  }

  static String line(String value) {
    if (Values.hasControl(value)) {
      throw refused(value, "no line break or control character");
    }
    return value;
  }

  /** A kernel splits at blanks and understands double quotes; programs behind it know others. */
  static String argument(String value) {
    if (!ARGUMENT.matcher(value).matches()) {
      throw refused(value, "printable ASCII without blanks, quotes and backslashes");
    }
    return value;
  }

  /** A word that needs no quotes anywhere. */
  static String word(String value) {
    if (!WORD.matcher(value).matches()) {
      throw refused(value, "letters, digits and +._:/@%=,-");
    }
    return value;
  }

  private static RenderException refused(String value, String expected) {
    return new RenderException(Values.shown(value) + " (expected: " + expected + ")");
  }
}
