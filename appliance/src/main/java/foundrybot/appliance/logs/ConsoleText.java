// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * The lines in what a machine sends to its serial console, as people would have read them there.
 * Terminal sequences (ECMA-48) are left out; where one moves the cursor to another place, a line
 * ends, since firmware paints its screens so. What a carriage return writes over counts as it is at
 * last, and a painted line that stood there lately, but for its numbers, is not said again.
 */
public final class ConsoleText {
  /** Bytes of a line that are kept. */
  static final int MOST_BYTES = 400;

  private static final int MOST_PARAMETERS = 32;
  private static final int REMEMBERED = 64;

  private static final int BELL = 0x07;
  private static final int BACKSPACE = 0x08;
  private static final int TAB = 0x09;
  private static final int ESCAPE = 0x1b;
  private static final int DELETE = 0x7f;

  /** Where in a sequence a byte stands. */
  private enum Where {
    TEXT,
    /** Behind ESC. */
    ESCAPED,
    /** Behind ESC and what takes one more byte: a character set. */
    DESIGNATING,
    /** Behind ESC [. */
    CONTROL,
    /** In a string that BEL or ESC \ ends. */
    STRING,
    /** Behind an ESC in there. */
    STRING_ESCAPED
  }

  private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
  private final StringBuilder parameters = new StringBuilder();
  private final SequencedSet<String> painted = new LinkedHashSet<>();
  private Where where = Where.TEXT;
  private boolean returned;
  private boolean cut;
  private boolean painting;
  private int row;
  private int column;

  /** The lines that are whole now. */
  public List<String> take(byte[] bytes) {
    List<String> lines = new ArrayList<>();
    for (byte one : bytes) {
      take(one & 0xff, lines);
    }
    return lines;
  }

  /** What stands in a line that nobody has ended; it is ended by that. */
  public Optional<String> rest() {
    List<String> lines = new ArrayList<>();
    end(lines);
    return lines.stream().findFirst();
  }

  private void take(int one, List<String> lines) {
    switch (where) {
      case TEXT -> text(one, lines);
      case ESCAPED -> where = escaped(one);
      case DESIGNATING -> where = Where.TEXT;
      case CONTROL -> control(one, lines);
      case STRING ->
          where =
              switch (one) {
                case BELL -> Where.TEXT;
                case ESCAPE -> Where.STRING_ESCAPED;
                default -> Where.STRING;
              };
      case STRING_ESCAPED -> where = one == '\\' ? Where.TEXT : escaped(one);
    }
  }

  private void text(int one, List<String> lines) {
    switch (one) {
      case ESCAPE -> where = Where.ESCAPED;
      case '\n' -> {
        end(lines);
        painting = false;
        row++;
      }
      case '\r' -> returned = true;
      case BACKSPACE -> back();
      case TAB -> put(' ');
      case DELETE -> {}
      default -> {
        if (one >= ' ') {
          put(one);
        }
      }
    }
  }

  private void back() {
    byte[] all = line.toByteArray();
    line.reset();
    line.write(all, 0, Math.max(0, all.length - 1));
    column = Math.max(1, column - 1);
  }

  private void put(int one) {
    if (returned) {
      line.reset();
      cut = false;
      returned = false;
      column = 1;
    }
    column++;
    if (line.size() < MOST_BYTES) {
      line.write(one);
    } else {
      cut = true;
    }
  }

  private Where escaped(int one) {
    parameters.setLength(0);
    return switch (one) {
      case '[' -> Where.CONTROL;
      case ']', 'P', 'X', '^', '_' -> Where.STRING;
      case '(', ')', '*', '+', '#', '%', ' ' -> Where.DESIGNATING;
      case ESCAPE -> Where.ESCAPED;
      default -> Where.TEXT;
    };
  }

  private void control(int one, List<String> lines) {
    if (one < ' ' || one > '~') {
      // No sequence has these in it: it was torn.
      where = Where.TEXT;
      text(one, lines);
      return;
    }
    if (one < '@') {
      if (parameters.length() < MOST_PARAMETERS) {
        parameters.append((char) one);
      }
      return;
    }
    where = Where.TEXT;
    switch (one) {
      case 'H', 'f' -> moved(lines);
      case 'J' -> elsewhere(lines, 0, 0);
      case 'A', 'B', 'E', 'F', 'd' -> elsewhere(lines, -1, 0);
      case 'C' -> put(' ');
      default -> {}
    }
  }

  /** To a row and a column, which are 1 where nothing is said. */
  private void moved(List<String> lines) {
    String[] both = parameters.toString().split(";", -1);
    int toRow = number(both[0]);
    int toColumn = both.length > 1 ? number(both[1]) : 1;
    if (toRow != row || toColumn < column || line.size() == 0) {
      elsewhere(lines, toRow, toColumn);
    } else if (toColumn > column) {
      put(' ');
      column = toColumn;
    }
  }

  private static int number(String text) {
    return text.matches("\\d{1,4}") ? Math.max(1, Integer.parseInt(text)) : 1;
  }

  private void elsewhere(List<String> lines, int toRow, int toColumn) {
    painting = true;
    end(lines);
    row = toRow;
    column = toColumn;
  }

  private void end(List<String> lines) {
    String said = readable(line.toString(UTF_8)).strip();
    String whole = cut ? said + "..." : said;
    line.reset();
    cut = false;
    returned = false;
    column = 1;
    if (!said.isEmpty() && (!painting || isNew(said))) {
      lines.add(whole);
    }
  }

  private boolean isNew(String said) {
    String form = said.replaceAll("\\d+", "0");
    // Seen again it is remembered for longer.
    boolean known = painted.remove(form);
    painted.addLast(form);
    if (painted.size() > REMEMBERED) {
      painted.removeFirst();
    }
    return !known;
  }

  private static String readable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(point -> out.appendCodePoint(isReadable(point) ? point : '?'));
    return out.toString();
  }

  private static boolean isReadable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> point != 0xfffd;
    };
  }
}
