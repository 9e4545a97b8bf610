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
   * A whole string of JSON (RFC 8259, section 7). All but printable ASCII is escaped, so that no
   * reader's idea of line breaks matters.
   */
  static String json(String value) {
    StringBuilder text = new StringBuilder("\"");
    value.chars().forEach(c -> text.append(ascii(c)));
    return text.append('"').toString();
  }

  /**
   * A whole double-quoted string of YAML 1.2 (section 5.7). Its escapes are those of JSON but for
   * what JSON writes as two halves: readers of YAML take each half for a broken character.
   */
  static String yaml(String value) {
    return whole(value);
  }

  /** A whole basic string of TOML (1.0, section "String"), whose escapes are those of YAML here. */
  static String toml(String value) {
    return whole(value);
  }

  /** In double quotes, and what has no place among the first 65536 characters by its number. */
  private static String whole(String value) {
    StringBuilder text = new StringBuilder("\"");
    value
        .codePoints()
        .forEach(
            c -> {
              if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw refused(value, "Unicode without half characters");
              }
              text.append(c > 0xffff ? String.format("\\U%08x", c) : ascii(c));
            });
    return text.append('"').toString();
  }

  /** One of the first 65536 characters as it stands between double quotes. */
  private static String ascii(int c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      default -> c >= ' ' && c < 0x7f ? Character.toString(c) : String.format("\\u%04x", c);
    };
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

  /** The same, and a string of Python as well, in which its sections are written. */
  static String esxi(String value) {
    if (value.indexOf('\'') >= 0 || value.indexOf('\\') >= 0) {
      throw refused(
          value, "no quotes ' and backslashes, which the shell and Python read otherwise");
    }
    return kickstart(value);
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
