// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;

/**
 * All texts that the reader of an answer file would have in its hands: the strings of a document,
 * the words of a script, and what stands in these in turn, such as a script in a string of JSON.
 */
final class Strings {
  private static final int DEEPEST = 5;
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{16,}={0,2}");

  private final List<String> found = new ArrayList<>();

  private Strings() {}

  static List<String> of(AnswerFile file) {
    Strings strings = new Strings();
    String text = file.text();
    switch (file.contentType().replaceFirst(";.*", "")) {
      case "application/json", "application/vnd.coreos.ignition+json" ->
          strings.json(DataText.json(file.name(), text));
      case "application/toml" -> strings.json(DataText.toml(file.name(), text));
      case "application/xml" -> strings.xml(DataText.xml(file.name(), text));
      case "text/cloud-config", "application/gzip" -> strings.yaml(text);
      default -> strings.plain(file.name(), text);
    }
    return strings.found;
  }

  private void plain(String name, String text) {
    if (name.endsWith(".yaml") || name.endsWith("-data") || name.endsWith("-config")) {
      yaml(text);
    } else if (name.endsWith(".nix")) {
      nix(text);
    } else {
      words(text).forEach(word -> add(word, 0));
    }
  }

  private void json(JsonNode node) {
    if (node.isString()) {
      add(node.asString(), 0);
    }
    node.propertyNames().forEach(name -> add(name, DEEPEST));
    node.forEach(this::json);
  }

  private void yaml(String text) {
    value(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case String string -> add(string, 0);
      case Map<?, ?> map -> map.forEach((key, each) -> both(key, each));
      case List<?> list -> list.forEach(this::value);
      case null, default -> {}
    }
  }

  private void both(@Nullable Object key, @Nullable Object each) {
    value(key);
    value(each);
  }

  private void xml(Element element) {
    NodeList children = element.getChildNodes();
    for (int i = 0; i < children.getLength(); i++) {
      if (children.item(i) instanceof Element child) {
        xml(child);
      }
    }
    add(element.getTextContent(), 0);
  }

  /** Strings in double quotes; comments go to the end of their line. */
  private void nix(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '#') {
        i = text.indexOf('\n', i);
      } else if (text.charAt(i) == '"') {
        StringBuilder value = new StringBuilder();
        for (i++; text.charAt(i) != '"'; i++) {
          char c = text.charAt(i);
          char next = text.charAt(i + 1);
          i += c == '\\' ? 1 : 0;
          value.append(c != '\\' ? c : next == 'n' ? '\n' : next == 't' ? '\t' : next);
        }
        add(value.toString(), 0);
      }
    }
  }

  private void add(String text, int depth) {
    found.add(text);
    if (depth >= DEEPEST) {
      return;
    }
    String inner = text.replaceFirst("^data:(;base64)?,", "");
    boolean named = text.startsWith("data:;base64,");
    if (named || (BASE64.matcher(inner).matches() && inner.length() % 4 == 0)) {
      add(new String(Base64.getDecoder().decode(inner), StandardCharsets.UTF_8), depth + 1);
    } else if (text.indexOf('\'') >= 0 && text.indexOf(' ') >= 0) {
      words(text).stream().filter(word -> !word.equals(text)).forEach(word -> add(word, depth + 1));
    }
  }

  /**
   * The words of a POSIX shell without their quotes (XCU 2.2, 2.3); what a shell would do with
   * words in double quotes is of no interest here, since no value stands there.
   */
  static List<String> words(String script) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean open = false;
    char quote = 0;
    for (int i = 0; i < script.length(); i++) {
      char c = script.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else if (quote == '"' && c == '\\' && i + 1 < script.length()) {
          word.append(script.charAt(++i));
        } else {
          word.append(c);
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
        open = true;
      } else if (c == '\\' && i + 1 < script.length()) {
        word.append(script.charAt(++i));
        open = true;
      } else if (c == '#' && !open) {
        int end = script.indexOf('\n', i);
        i = (end < 0 ? script.length() : end) - 1;
      } else if (Character.isWhitespace(c) || ";|&<>()=,".indexOf(c) >= 0) {
        if (open) {
          words.add(word.toString());
        }
        word.setLength(0);
        open = false;
      } else {
        word.append(c);
        open = true;
      }
    }
    if (open) {
      words.add(word.toString());
    }
    return words;
  }
}
