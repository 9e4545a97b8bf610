// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import com.samskivert.mustache.Mustache;

/** How a value enters each kind of answer file, whatever it holds. */
final class Escapers {
  /** A debconf answer ends with its line, and a backslash there would swallow the next one. */
  static final Mustache.Escaper PRESEED = Escapers::preseed;

  /** One word for the shell, in single quotes, where nothing has a meaning but the next quote. */
  static final Mustache.Escaper SHELL = Escapers::shell;

  private Escapers() {}

  static String preseed(String value) {
    if (Values.hasControl(value) || value.indexOf('\\') >= 0) {
      throw new RenderException(
          Values.shown(value) + " (expected: no line break, control character or backslash)");
    }
    return value;
  }

  static String shell(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
        throw new RenderException(
            Values.shown(value) + " (expected: no control characters but line break and tab)");
      }
    }
    return "'" + value.replace("'", "'\\''") + "'";
  }
}
