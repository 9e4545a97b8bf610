// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * JSON in the one form that RFC 8785 gives a value: keys in the order of their UTF-16 units, no
 * blanks, and only the escapes that must be. Of numbers there are whole ones alone.
 */
final class CanonicalJson {
  private static final String DIGITS = "0123456789abcdef";

  private CanonicalJson() {}

  static String of(JsonNode value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(JsonNode value, StringBuilder out) {
    if (value.isObject()) {
      Map<String, JsonNode> sorted = new TreeMap<>();
      value.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
      String before = "{";
      for (Map.Entry<String, JsonNode> entry : sorted.entrySet()) {
        out.append(before);
        text(entry.getKey(), out);
        write(entry.getValue(), out.append(':'));
        before = ",";
      }
      out.append(sorted.isEmpty() ? "{}" : "}");
    } else if (value.isArray()) {
      String before = "[";
      for (JsonNode each : value) {
        write(each, out.append(before));
        before = ",";
      }
      out.append(value.isEmpty() ? "[]" : "]");
    } else if (value.isString()) {
      text(value.asString(), out);
    } else if (value.isIntegralNumber() || value.isBoolean()) {
      out.append(value.asString());
    } else {
      throw new IllegalArgumentException("no canonical form of " + value.getNodeType());
    }
  }

  /** What no text file can hold, or no browser shows, was put in by nobody with a right to it. */
  private static void text(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append("\\u00").append(DIGITS.charAt(c >> 4)).append(DIGITS.charAt(c & 15));
          } else {
            out.append(isUnsound(text, i) ? '\ufffd' : c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isUnsound(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
    }
    return c >= 0x7f && c < 0xa0;
  }
}
