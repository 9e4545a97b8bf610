// SPDX-License-Identifier: Apache-2.0
package foundrybot.ipxe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads a script the way iPXE does, written from the rules in its source and not from our printer:
 * lines and continuations, labels, words, operators, comments, expansion, options.
 */
final class MiniIpxe {

  /** One carried out command: its name, its options with their values, and its operands. */
  record Call(String name, List<String> options, List<String> operands) {}

  private static final Map<String, List<String>> OPTIONS_WITH_VALUE =
      Map.of(
          "kernel", List.of("--name", "--timeout"),
          "initrd", List.of("--name", "--timeout"),
          "imgfetch", List.of("--name", "--timeout"),
          "chain", List.of("--name", "--timeout"),
          "sanboot", List.of("--drive"),
          "imgverify", List.of("--signer"));
  private static final Map<String, List<String>> FLAGS =
      Map.of(
          "kernel", List.of("--autofree"),
          "initrd", List.of("--autofree"),
          "imgexec", List.of("--autofree", "--replace"),
          "imgtrust", List.of("--allow", "--permanent"),
          "chain", List.of("--autofree", "--replace"),
          "sanboot", List.of("--no-describe", "--keep"),
          "echo", List.of("-n"));

  private final Map<String, String> settings;
  private final Predicate<Call> succeeds;
  private final List<Call> calls = new ArrayList<>();
  private int next;

  private MiniIpxe(Map<String, String> settings, Predicate<Call> succeeds) {
    this.settings = settings;
    this.succeeds = succeeds;
  }

  /** Every command that runs, in order; goto and the conditions are obeyed, at most 200 lines. */
  static List<Call> run(String script, Map<String, String> settings, Predicate<Call> succeeds) {
    MiniIpxe ipxe = new MiniIpxe(new HashMap<>(settings), succeeds);
    List<String> lines = lines(script);
    if (!lines.getFirst().equals("#!ipxe")) {
      throw new AssertionError("no magic: " + lines.getFirst());
    }
    int steps = 0;
    while (ipxe.next < lines.size() && steps++ < 200) {
      String line = lines.get(ipxe.next++);
      if (!ipxe.system(command(line), lines)) {
        break;
      }
    }
    return ipxe.calls;
  }

  /** Joins lines that end in a backslash; a CR before the LF is dropped first. */
  private static List<String> lines(String script) {
    List<String> lines = new ArrayList<>();
    String pending = "";
    for (String raw : script.split("\n", -1)) {
      String line = pending + (raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw);
      if (line.endsWith("\\")) {
        pending = line.substring(0, line.length() - 1);
      } else {
        pending = "";
        lines.add(line);
      }
    }
    return lines;
  }

  private static String command(String line) {
    String stripped = line.stripLeading();
    return stripped.startsWith(":") ? stripped.replaceFirst("^:\\S*\\s?", "") : stripped;
  }

  private static boolean isLabel(String line, String label) {
    return (line.strip() + " ").startsWith(":" + label + " ");
  }

  /** Runs one line; false if the script ends with it. */
  private boolean system(String line, List<String> lines) {
    List<String> words = new ArrayList<>();
    for (String word : line.split("[ \\t\\n\\x0b\\f\\r]+", -1)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    boolean process = true;
    boolean ok = true;
    int at = 0;
    while (true) {
      int end = at;
      String operator = "";
      while (end < words.size() && operator.isEmpty()) {
        String word = words.get(end);
        if (word.startsWith("#")) {
          operator = "#";
        } else if (word.equals("||") || word.equals("&&") || word.equals(";")) {
          operator = word;
        } else {
          end++;
        }
      }
      if (process) {
        List<String> argv = words.subList(at, end).stream().map(this::expand).toList();
        if (!argv.isEmpty()
            && (argv.getFirst().equals("exit") || argv.getFirst().equals("shell"))) {
          calls.add(options(argv));
          return false;
        }
        if (!argv.isEmpty() && argv.getFirst().equals("goto")) {
          jump(argv.get(1), lines);
          return true;
        }
        ok = argv.isEmpty() || execute(options(argv));
      }
      if (operator.isEmpty() || operator.equals("#")) {
        return ok;
      }
      process = operator.equals(";") || ok == operator.equals("&&");
      at = end + 1;
    }
  }

  private void jump(String label, List<String> lines) {
    for (int i = 0; i < lines.size(); i++) {
      if (isLabel(lines.get(i), label)) {
        next = i;
        return;
      }
    }
    throw new AssertionError("no label " + label);
  }

  private boolean execute(Call call) {
    List<String> operands = call.operands();
    return switch (call.name()) {
      case "isset" -> !operands.getFirst().isEmpty();
      case "iseq" -> operands.get(0).equals(operands.get(1));
      case "inc" -> {
        String before = settings.getOrDefault(operands.getFirst(), "0");
        settings.put(operands.getFirst(), String.valueOf(Integer.parseInt(before) + 1));
        yield true;
      }
      case "set" -> {
        calls.add(call);
        String name = operands.getFirst().replaceFirst(":.*", "");
        settings.put(name, String.join(" ", operands.subList(1, operands.size())));
        yield true;
      }
      default -> {
        calls.add(call);
        yield succeeds.test(call);
      }
    };
  }

  /** Innermost first, again and again until nothing is left to expand. */
  private String expand(String word) {
    String text = word;
    while (true) {
      int end = -1;
      int start = -1;
      for (int i = 0; i < text.length() && end < 0; i++) {
        if (text.startsWith("${", i)) {
          start = i;
        }
        if (start >= 0 && text.charAt(i) == '}') {
          end = i;
        }
      }
      if (end < 0) {
        return text;
      }
      String name = text.substring(start + 2, end);
      text = text.substring(0, start) + value(name) + text.substring(end + 1);
    }
  }

  private String value(String name) {
    String bare = name.replaceFirst(":.*", "");
    return settings.getOrDefault(name, settings.getOrDefault(bare, ""));
  }

  private static Call options(List<String> argv) {
    String name = argv.getFirst();
    List<String> options = new ArrayList<>();
    int at = 1;
    while (at < argv.size() && argv.get(at).startsWith("-")) {
      String option = argv.get(at++);
      if (option.equals("--")) {
        break;
      }
      options.add(option);
      if (OPTIONS_WITH_VALUE.getOrDefault(name, List.of()).contains(option)) {
        options.add(argv.get(at++));
      } else if (!FLAGS.getOrDefault(name, List.of()).contains(option)) {
        throw new AssertionError("unknown option " + option + " of " + argv);
      }
    }
    return new Call(name, options, List.copyOf(argv.subList(at, argv.size())));
  }
}
