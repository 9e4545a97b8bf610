// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How large the terminal is: shells know it, but do not tell programs. */
record TerminalWidth(int columns, int rows) {
  static final int LEAST = 40;

  /** For a file or a pipe, which have no width. */
  private static final int WIDE = 160;

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  /** Never by the caller's PATH, in which anything may lie. */
  private static final List<String> STTY = List.of("/usr/bin/stty", "/bin/stty");

  private static final Pattern SIZE = Pattern.compile("(\\d{1,5}) (\\d{1,5})");

  /** What {@code COLUMNS} says, else the terminal itself, where the output goes to one. */
  static TerminalWidth now() {
    TerminalWidth own = PasswordOption.terminal().map(_ -> asked()).orElse(new TerminalWidth(0, 0));
    return of(System.getenv().getOrDefault("COLUMNS", ""), own);
  }

  static TerminalWidth of(String variable, TerminalWidth own) {
    boolean said = variable.matches("[1-9]\\d{0,4}");
    int columns = said ? Integer.parseInt(variable) : own.columns() > 0 ? own.columns() : WIDE;
    return new TerminalWidth(Math.max(LEAST, columns), own.rows() > 0 ? own.rows() : NO_LIMIT);
  }

  /** By stty of the coreutils, which asks the terminal that it is given; zeros if it cannot. */
  private static TerminalWidth asked() {
    Optional<String> program = STTY.stream().filter(it -> new File(it).canExecute()).findFirst();
    if (program.isEmpty()) {
      return new TerminalWidth(0, 0);
    }
    try {
      Process stty =
          new ProcessBuilder(program.get(), "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      boolean ended = stty.waitFor(2, TimeUnit.SECONDS);
      return ended ? read(said.strip()) : new TerminalWidth(0, 0);
    } catch (IOException e) {
      return new TerminalWidth(0, 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new TerminalWidth(0, 0);
    }
  }

  /** Rows, then columns. */
  static TerminalWidth read(String said) {
    Matcher size = SIZE.matcher(said);
    return size.matches()
        ? new TerminalWidth(Integer.parseInt(size.group(2)), Integer.parseInt(size.group(1)))
        : new TerminalWidth(0, 0);
  }
}
