// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text that is drawn over itself on a terminal: lines are overwritten and not wiped first, so
 * that nothing flickers; what is below the screen's end is left out. Elsewhere texts follow each
 * other.
 */
final class Screen implements AutoCloseable {
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final String HOME = "\u001b[H";
  private static final String CLEAR = "\u001b[2J";
  private static final String REST_OF_LINE = "\u001b[K";
  private static final String REST_OF_SCREEN = "\u001b[J";
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";

  private final PrintStream out;
  private final boolean redraws;
  private final Thread atEnd = new Thread(this::restore, "screen");
  private boolean begun;

  /** On this program's own output. */
  static Screen ofProgram(boolean redraws) {
    return new Screen(System.out, redraws);
  }

  Screen(PrintStream out, boolean redraws) {
    this.out = out;
    this.redraws = redraws;
    if (redraws) {
      // Ctrl-C ends the program without coming back here, and the cursor is to be seen afterwards.
      Runtime.getRuntime().addShutdownHook(atEnd);
    }
  }

  void show(String text, TerminalWidth size) {
    if (redraws) {
      List<String> lines = fitting(text, size);
      String drawn =
          lines.stream().map(line -> line + REST_OF_LINE).collect(Collectors.joining("\n"));
      out.print((begun ? HOME : HIDE_CURSOR + HOME + CLEAR) + drawn + "\n" + REST_OF_SCREEN);
      begun = true;
    } else {
      out.print(text);
    }
    out.flush();
  }

  /** So many lines that they and the one below them fit; a long one takes several rows. */
  private static List<String> fitting(String text, TerminalWidth size) {
    List<String> lines = new ArrayList<>();
    int rows = 0;
    for (String line : text.lines().toList()) {
      String shown = COLOUR.matcher(line).replaceAll("");
      int width = shown.codePointCount(0, shown.length());
      rows += Math.max(1, (width + size.columns() - 1) / size.columns());
      if (rows >= size.rows() && !lines.isEmpty()) {
        return lines;
      }
      lines.add(line);
    }
    return lines;
  }

  private void restore() {
    out.print(SHOW_CURSOR);
    out.flush();
  }

  @Override
  public void close() {
    if (redraws) {
      restore();
      try {
        Runtime.getRuntime().removeShutdownHook(atEnd);
      } catch (IllegalStateException e) {
        // The program ends already, and the hook has run or will.
        begun = false;
      }
    }
  }
}
