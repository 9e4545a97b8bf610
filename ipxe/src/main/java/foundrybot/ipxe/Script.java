// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A complete iPXE script as a value, so that what is sent to a machine is built and never pasted.
 *
 * <p>Everything is checked when the value is made: every label that is gone to exists once, every
 * line is short enough. Printing cannot fail.
 */
public record Script(List<Command> commands) {

  /** Most lines of a script, a bound of ours. */
  public static final int MAX_COMMANDS = 1000;

  public Script {
    commands = List.copyOf(commands);
    if (commands.size() > MAX_COMMANDS) {
      throw new IllegalArgumentException(
          "script: " + commands.size() + " lines (expected: at most " + MAX_COMMANDS + ")");
    }
    checkLabels(commands);
    for (Command command : commands) {
      String line = Printer.line(command);
      if (line.length() > Syntax.MAX_LINE) {
        throw new IllegalArgumentException(
            String.format(
                "script: a line of %d characters, %s (expected: at most %d)",
                line.length(), Syntax.shown(line), Syntax.MAX_LINE));
      }
    }
  }

  /** Commands in order. */
  public static Script of(Command... commands) {
    return new Script(List.of(commands));
  }

  /** The script as iPXE reads it, each line ended by LF. */
  public String print() {
    StringBuilder out = new StringBuilder("#!ipxe\n");
    for (Command command : commands) {
      out.append(Printer.line(command)).append('\n');
    }
    return out.toString();
  }

  /** The script as it goes over the wire: ASCII, so that its length is its number of characters. */
  public byte[] bytes() {
    return print().getBytes(StandardCharsets.US_ASCII);
  }

  private static void checkLabels(List<Command> commands) {
    Set<String> labels = new HashSet<>();
    for (Command command : commands) {
      if (command instanceof Command.Label(String name) && !labels.add(name)) {
        throw new IllegalArgumentException("label: " + name + " twice (expected: once)");
      }
    }
    commands.stream()
        .flatMap(Script::targets)
        .filter(target -> !labels.contains(target))
        .findFirst()
        .ifPresent(
            target -> {
              throw new IllegalArgumentException(
                  "goto: " + target + " (expected: one of the script's labels " + labels + ")");
            });
  }

  private static Stream<String> targets(Command command) {
    return switch (command) {
      case Command.Goto(String label) -> Stream.of(label);
      case Command.OrElse(Command.Action attempt, Command.Action otherwise) ->
          Stream.concat(targets(attempt), targets(otherwise));
      case Command.Tolerated(Command.Action attempt) -> targets(attempt);
      case Command.When(Command.Condition condition, Command.Goto then) -> targets(then);
      case Command.Comment c -> Stream.empty();
      case Command.Label l -> Stream.empty();
      case Command.Action a -> Stream.empty();
    };
  }
}
