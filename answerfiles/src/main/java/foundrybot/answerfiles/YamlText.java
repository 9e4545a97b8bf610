// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Text to YAML nodes with their places, under limits.
 *
 * <p>The parser yields events without recursion, so depth, aliases and size are counted there,
 * before the composer, which recurses, is let loose on the text.
 */
final class YamlText {
  static final int LONGEST_FILE = 32 << 20;
  static final int DEEPEST = 16;
  static final int MOST_ALIASES = 1_000;
  static final int MOST_VALUES = 4_000_000;

  private YamlText() {}

  /** Empty when a fault was recorded. */
  static Optional<Node> compose(String text, String source, Faults faults) {
    if (text.length() > LONGEST_FILE) {
      faults.add(Position.START, "", text.length() + " characters", "at most " + LONGEST_FILE);
      return Optional.empty();
    }
    LoadSettings settings =
        LoadSettings.builder().setLabel(source).setCodePointLimit(LONGEST_FILE).build();
    try {
      if (!withinLimits(text, settings, faults)) {
        return Optional.empty();
      }
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        faults.add(Position.START, "", "an empty file", "a rack file; see docs/rack-file.md");
      }
      return root;
    } catch (MarkedYamlEngineException e) {
      String problem = e.getProblem() == null ? "not YAML" : e.getProblem();
      faults.add(Position.of(e.getProblemMark()), "", problem, "YAML 1.2, one document");
    } catch (ReaderException e) {
      String value = String.format("character U+%04X", e.getCodePoint());
      faults.add(place(text, e.getPosition()), "", value, "printable text");
    } catch (YamlEngineException e) {
      faults.add(Position.START, "", String.valueOf(e.getMessage()), "YAML 1.2");
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The scanner's own slips: a file that ends behind a backslash and u, for one.
      faults.add(Position.START, "", "not YAML", "YAML 1.2; an escape in quotes is cut short");
    }
    return Optional.empty();
  }

  private static boolean withinLimits(String text, LoadSettings settings, Faults faults) {
    int depth = 0;
    int aliases = 0;
    int values = 0;
    for (Event event : new Parse(settings).parseString(text)) {
      Position at = Position.of(event.getStartMark());
      switch (event) {
        case CollectionStartEvent _ -> {
          depth++;
          values++;
        }
        case CollectionEndEvent _ -> depth--;
        case AliasEvent _ -> aliases++;
        case ScalarEvent _ -> values++;
        default -> {}
      }
      if (depth > DEEPEST) {
        faults.add(at, "", "nesting", "at most " + DEEPEST + " levels");
        return false;
      }
      if (aliases > MOST_ALIASES) {
        faults.add(at, "", "aliases", "at most " + MOST_ALIASES + " aliases (*name)");
        return false;
      }
      if (values > MOST_VALUES) {
        faults.add(at, "", "values", "at most " + MOST_VALUES + " values");
        return false;
      }
    }
    return true;
  }

  /** The library counts code points; Java's own {@code offsetByCodePoints} finds the place. */
  private static Position place(String text, int index) {
    int points = Math.min(index, text.codePointCount(0, text.length()));
    String before = text.substring(0, text.offsetByCodePoints(0, points));
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    String last = before.substring(before.lastIndexOf('\n') + 1);
    return new Position(line, last.codePointCount(0, last.length()) + 1);
  }
}
