// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A piece of a page as a value. There is no raw form: texts and attributes are escaped when they
 * are written, so nothing that a machine or an operator said can become markup.
 */
sealed interface Html {
  record Text(String text) implements Html {}

  /** Pieces one after the other. */
  record All(List<Html> parts) implements Html {
    public All {
      parts = List.copyOf(parts);
    }
  }

  record Attribute(String name, String value) {}

  /** An element; its name and those of its attributes are ours. */
  record Element(String name, List<Attribute> attributes, List<Html> content) implements Html {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]*");

    /** Elements without content and end tag (HTML Standard, section 13.1.2). */
    private static final Set<String> VOID =
        Set.of("br", "hr", "img", "input", "link", "meta", "wbr");

    /** What is in these is no text, so escaping would protect nothing. */
    private static final Set<String> NO_TEXT = Set.of("script", "style");

    public Element {
      attributes = List.copyOf(attributes);
      content = List.copyOf(content);
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("element: " + name + " (expected: letters and digits)");
      }
      for (Attribute attribute : attributes) {
        if (!NAME.matcher(attribute.name()).matches() || attribute.name().startsWith("on")) {
          throw new IllegalArgumentException(
              "attribute: " + attribute.name() + " (expected: letters; no script)");
        }
      }
      if (!content.isEmpty() && (VOID.contains(name) || NO_TEXT.contains(name))) {
        throw new IllegalArgumentException(name + ": with content (expected: none)");
      }
    }

    /** The same with one more attribute. */
    Element at(String attribute, String value) {
      List<Attribute> more = new ArrayList<>(attributes);
      more.add(new Attribute(attribute, value));
      return new Element(name, more, content);
    }

    /** The same with an attribute that has no value, if {@code there}. */
    Element flag(String attribute, boolean there) {
      return there ? at(attribute, "") : this;
    }

    /** The same with an attribute that may be missing. */
    Element at(String attribute, Optional<String> value) {
      return value.map(text -> at(attribute, text)).orElse(this);
    }

    Element classes(String names) {
      return at("class", names);
    }

    /** The same with more in it. */
    Element with(List<? extends Html> more) {
      List<Html> all = new ArrayList<>(content);
      all.addAll(more);
      return new Element(name, attributes, all);
    }

    Element with(Html... more) {
      return with(Arrays.asList(more));
    }
  }

  /** Nothing at all. */
  static Html none() {
    return new All(List.of());
  }

  static Element el(String name, Html... content) {
    return new Element(name, List.of(), Arrays.asList(content));
  }

  static Element el(String name, String text) {
    return el(name, text(text));
  }

  static Html text(String text) {
    return new Text(text);
  }

  static Html all(List<? extends Html> parts) {
    return new All(List.copyOf(parts));
  }

  static Html all(Html... parts) {
    return new All(Arrays.asList(parts));
  }

  /** The piece, if it is wanted. */
  static Html when(boolean wanted, Html piece) {
    return wanted ? piece : none();
  }

  /** As it goes over the wire. */
  default String written() {
    StringBuilder out = new StringBuilder();
    write(out);
    return out.toString();
  }

  /** Appends it. */
  default void write(StringBuilder out) {
    switch (this) {
      case Text(String text) -> escape(text, out);
      case All(List<Html> parts) -> parts.forEach(part -> part.write(out));
      case Element element -> write(element, out);
    }
  }

  private static void write(Element element, StringBuilder out) {
    out.append('<').append(element.name());
    for (Attribute attribute : element.attributes()) {
      out.append(' ').append(attribute.name());
      if (!attribute.value().isEmpty()) {
        out.append("=\"");
        escape(attribute.value(), out);
        out.append('"');
      }
    }
    out.append('>');
    if (!Element.VOID.contains(element.name())) {
      element.content().forEach(part -> part.write(out));
      out.append("</").append(element.name()).append('>');
    }
  }

  /** Also control characters, such as those that colour a console: no browser shows them. */
  private static void escape(String text, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(c);
        default -> out.append(c < ' ' || (c >= 0x7f && c < 0xa0) ? '\ufffd' : c);
      }
    }
  }
}
