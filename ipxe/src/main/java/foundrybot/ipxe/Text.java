// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A value in an iPXE script: literal characters and settings, kept apart until they are printed.
 *
 * <p>iPXE has no quoting and no escape character. What cannot be written down faithfully is refused
 * here or by the command that takes the text, so that nobody's host name or kernel argument turns
 * into a command (CVE-2026-46447 was that). Literals are printable ASCII, never hold <code>${
 * </code>, and never form it with what stands beside them.
 *
 * @param parts the pieces in order; neighbouring literals are joined, empty ones left out
 */
public record Text(List<Part> parts) {

  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern UNSEEN = Pattern.compile("[^\\x21-\\x7e]");

  /** No characters at all. */
  public static final Text EMPTY = new Text(List.of());

  /** A piece of a text. */
  public sealed interface Part permits Literal, Setting {
    /** The piece as it stands in a script. */
    String source();
  }

  /** Characters that mean themselves. */
  public record Literal(String characters) implements Part {
    public Literal {
      for (int i = 0; i < characters.length(); i++) {
        char c = characters.charAt(i);
        if (c < ' ' || c > '~') {
          throw new IllegalArgumentException(
              String.format(
                  "text: U+%04X at index %d of %s (expected: printable ASCII; a line break would"
                      + " start a new command)",
                  (int) c, i, Syntax.shown(characters)));
        }
      }
    }

    @Override
    public String source() {
      return characters;
    }
  }

  public Text {
    parts = joined(parts);
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i) instanceof Literal(String characters)) {
        checkExpansion(characters, i + 1 < parts.size());
      }
    }
  }

  /** Literal text. */
  public static Text of(String characters) {
    return new Text(List.of(new Literal(characters)));
  }

  /** Pieces in order. */
  public static Text of(Part... parts) {
    return new Text(List.of(parts));
  }

  /** A URI in its ASCII form, in which every other character is percent-encoded. */
  public static Text of(URI uri) {
    return of(uri.toASCIIString());
  }

  /**
   * Text for a person's eyes made from anything: what iPXE cannot carry is shown as {@code ?} or
   * {@code _}. Never for a value that a machine reads, because it loses characters.
   */
  public static Text displayed(String anything) {
    StringBuilder safe = new StringBuilder();
    for (String word : BLANKS.split(anything.strip(), -1)) {
      String shown = UNSEEN.matcher(word).replaceAll("?").replace("${", "?{");
      int room = Syntax.MAX_DISPLAYED - safe.length() - 2;
      String fitting = shown.substring(0, Math.clamp(room, 0, shown.length()));
      if (!fitting.isEmpty()) {
        boolean special = fitting.startsWith("#") || Syntax.isOperator(fitting);
        safe.append(safe.isEmpty() ? "" : " ").append(special ? "_" : "").append(fitting);
      }
    }
    return of(safe.toString());
  }

  /** This text with more behind it. */
  public Text plus(Part part) {
    List<Part> all = new ArrayList<>(parts);
    all.add(part);
    return new Text(all);
  }

  /** This text with more behind it. */
  public Text plus(String characters) {
    return plus(new Literal(characters));
  }

  /** The text as it stands in a script. */
  public String source() {
    return parts.stream().map(Part::source).collect(Collectors.joining());
  }

  /** Whether every setting in it is written so that it cannot break out of such a place. */
  boolean fits(Setting.Fits place) {
    return parts.stream()
        .allMatch(part -> !(part instanceof Setting setting) || setting.format().fits(place));
  }

  private static List<Part> joined(List<Part> parts) {
    List<Part> joined = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Literal(String more)) {
        if (more.isEmpty()) {
          continue;
        }
        if (!joined.isEmpty() && joined.getLast() instanceof Literal(String before)) {
          joined.set(joined.size() - 1, new Literal(before + more));
          continue;
        }
      }
      joined.add(part);
    }
    return List.copyOf(joined);
  }

  /** iPXE looks again at what it has expanded, so {@code $} and a value "{x}" would join. */
  private static void checkExpansion(String characters, boolean settingFollows) {
    if (characters.contains("${")) {
      throw new IllegalArgumentException(
          "text: "
              + Syntax.shown(characters)
              + " (expected: no \"${\"; iPXE would expand it, use"
              + " a Setting if that is meant)");
    }
    if (settingFollows && characters.endsWith("$")) {
      throw new IllegalArgumentException(
          "text: "
              + Syntax.shown(characters)
              + " before a setting (expected: no '$' at its end;"
              + " iPXE expands again what it has expanded)");
    }
  }
}
