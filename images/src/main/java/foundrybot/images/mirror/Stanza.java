// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * One deb822 paragraph, kept as the text it came as: what Debian wrote about a package is passed on
 * word for word, and tens of thousands of them fit in memory.
 */
final class Stanza {
  private final String text;

  private Stanza(String text) {
    this.text = text;
  }

  /**
   * Takes the lines of one paragraph.
   *
   * @param text lines without an empty one between them
   */
  static Stanza of(String text) {
    // What stands before the first line belongs to it: without its indent it could be a comment.
    String stripped = text.stripTrailing().replaceFirst("^\\n+", "");
    if (stripped.isEmpty() || stripped.contains("\n\n")) {
      throw new IllegalArgumentException("stanza: empty or more than one paragraph");
    }
    return new Stanza(stripped + "\n");
  }

  /** Fields in the given order; a value may have continuation lines, already indented. */
  static Stanza of(Map<String, String> fields) {
    StringBuilder text = new StringBuilder();
    fields.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    return of(text.toString());
  }

  /** Splits at empty lines; comment lines (deb822 sources have them) are dropped. */
  static List<Stanza> parseAll(String text) {
    List<Stanza> stanzas = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> take(line, current, stanzas));
    take("", current, stanzas);
    return stanzas;
  }

  /** Feeds one line of a stream; a completed paragraph is added to {@code into}. */
  static void take(String line, StringBuilder current, Collection<Stanza> into) {
    if (!line.isBlank()) {
      current.append(line).append('\n');
    } else if (!current.isEmpty()) {
      into.add(of(current.toString()));
      current.setLength(0);
    }
  }

  /** The value with its continuation lines; empty when the field is not there. */
  String get(String field) {
    int start = startOf(field);
    if (start < 0) {
      return "";
    }
    return text.substring(start + field.length() + 1, endOf(start)).strip();
  }

  boolean has(String field) {
    return startOf(field) >= 0;
  }

  /** Without the field, also where it stands more than once. */
  Stanza without(String field) {
    Stanza rest = this;
    for (int start = startOf(field); start >= 0; start = rest.startOf(field)) {
      rest = new Stanza(rest.text.substring(0, start) + rest.text.substring(rest.endOf(start)));
    }
    return rest;
  }

  /** Replaces the field, or adds it at the end. */
  Stanza with(String field, String value) {
    return of(without(field).text + field + ": " + value + "\n");
  }

  private int startOf(String field) {
    String key = field + ":";
    if (text.regionMatches(true, 0, key, 0, key.length())) {
      return 0;
    }
    for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (text.regionMatches(true, at + 1, key, 0, key.length())) {
        return at + 1;
      }
    }
    return -1;
  }

  private int endOf(int start) {
    int end = text.indexOf('\n', start);
    while (end + 1 < text.length()
        && (text.charAt(end + 1) == ' ' || text.charAt(end + 1) == '\t')) {
      end = text.indexOf('\n', end + 1);
    }
    return end + 1;
  }

  PackageId id() {
    return new PackageId(get("Package"), get("Version"), get("Architecture"));
  }

  boolean isUdeb() {
    return get("Filename").endsWith(".udeb");
  }

  /** The paragraph, ending with one line feed. */
  @Override
  public String toString() {
    return text;
  }
}
