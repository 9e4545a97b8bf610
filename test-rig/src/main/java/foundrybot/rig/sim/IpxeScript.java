// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs an iPXE script: the commands that boot scripts use, with iPXE's own rules for lines, words,
 * operators and settings. What it does not know fails, as in iPXE.
 */
public final class IpxeScript {
  private static final int MOST_STEPS = 2_000;
  private static final int MOST_NESTED = 5;
  private static final int LONGEST_SLEEP = 3_600;

  /** What a script can do to its machine. */
  public interface Host {
    /** Fetches a kernel or initrd and forgets the content; false if it cannot be had. */
    boolean fetch(URI image) throws InterruptedException;

    /** Fetches a further script; empty if it cannot be had. */
    Optional<String> script(URI location) throws InterruptedException;

    /** Starts the boot loader of a BIOS disk; false if there is none. */
    boolean canBootDisk();

    void sleep(Duration time) throws InterruptedException;
  }

  /** How a script ended. */
  public sealed interface Ending {
    /** The kernel runs. */
    record Started(List<String> arguments) implements Ending {}

    /** The system on the disk runs, started by iPXE itself. */
    record Disk() implements Ending {}

    /** The firmware goes on, with its next boot entry. */
    record Exited(int status) implements Ending {}

    record Rebooted() implements Ending {}
  }

  private final Host host;
  private final Map<String, String> settings;
  private final int depth;
  private final List<String> lines;
  private Optional<List<String>> kernel = Optional.empty();
  private Optional<Ending> ending = Optional.empty();
  private int next = 1;

  private IpxeScript(Host host, Map<String, String> settings, int depth, List<String> lines) {
    this.host = host;
    this.settings = settings;
    this.depth = depth;
    this.lines = lines;
  }

  /**
   * Runs a script to its end.
   *
   * @param settings what the machine knows of itself, such as {@code netX/mac}
   * @throws Setback if the text is no script, or runs on and on
   */
  public static Ending run(String text, Map<String, String> settings, Host host)
      throws IOException, InterruptedException {
    return run(text, new HashMap<>(settings), host, 0);
  }

  private static Ending run(String text, Map<String, String> settings, Host host, int depth)
      throws IOException, InterruptedException {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals("#!ipxe")) {
      throw new Setback("ipxe: not a script");
    }
    return new IpxeScript(host, settings, depth, lines).run();
  }

  private Ending run() throws IOException, InterruptedException {
    for (int step = 0; next < lines.size(); step++) {
      if (step >= MOST_STEPS) {
        throw new Setback("ipxe: a script of more than " + MOST_STEPS + " steps");
      }
      String line = lines.get(next++).strip();
      boolean good = line.startsWith(":") || line.startsWith("#") || line(line);
      if (ending.isPresent()) {
        return ending.get();
      }
      if (!good) {
        return new Ending.Exited(1);
      }
    }
    return new Ending.Exited(0);
  }

  /** Commands joined by {@code ||} and {@code &&}; true if the line as a whole succeeded. */
  private boolean line(String line) throws IOException, InterruptedException {
    boolean good = true;
    boolean wanted = true;
    List<String> words = new ArrayList<>();
    for (String word : (line + " ;").split("\\s+", -1)) {
      if (!List.of("||", "&&", ";").contains(word)) {
        words.add(word);
        continue;
      }
      if (wanted) {
        int before = next;
        good = words.isEmpty() || command(words.stream().map(this::expanded).toList());
        if (ending.isPresent() || next != before) {
          return good;
        }
      }
      words.clear();
      wanted = word.equals(";") || good == word.equals("&&");
    }
    return good;
  }

  private boolean command(List<String> argv) throws IOException, InterruptedException {
    List<String> operands = operands(argv);
    String first = operands.isEmpty() ? "" : operands.getFirst();
    return switch (argv.getFirst()) {
      case "echo", "imgfree", "ifopen", "dhcp" -> true;
      case "set" -> {
        settings.put(
            first.replaceFirst(":.*", ""), String.join(" ", operands.subList(1, operands.size())));
        yield true;
      }
      case "inc" -> {
        settings.merge(first, "1", (old, one) -> String.valueOf(Integer.parseInt(old) + 1));
        yield true;
      }
      case "isset" -> !first.isEmpty();
      case "iseq" -> operands.size() == 2 && first.equals(operands.get(1));
      case "goto" -> jump(first);
      case "sleep" -> {
        host.sleep(Duration.ofSeconds(Math.min(Integer.parseInt(first), LONGEST_SLEEP)));
        yield true;
      }
      case "kernel" -> {
        boolean fetched = host.fetch(URI.create(first));
        kernel = fetched ? Optional.of(operands.subList(1, operands.size())) : Optional.empty();
        yield fetched;
      }
      case "initrd" -> host.fetch(URI.create(first));
      case "boot" -> ends(kernel.map(Ending.Started::new));
      case "sanboot" ->
          ends(host.canBootDisk() ? Optional.of(new Ending.Disk()) : Optional.empty());
      case "exit" ->
          ends(Optional.of(new Ending.Exited(first.isEmpty() ? 0 : Integer.parseInt(first))));
      case "reboot" -> ends(Optional.of(new Ending.Rebooted()));
      case "chain" -> chain(URI.create(first), argv.contains("--replace"));
      default -> false;
    };
  }

  private boolean ends(Optional<? extends Ending> how) {
    ending = how.map(end -> end);
    return how.isPresent();
  }

  /** A chained script's exit goes back to the caller, unless it took the caller's place. */
  private boolean chain(URI location, boolean replaces) throws IOException, InterruptedException {
    Optional<String> text = host.script(location);
    if (text.isEmpty() || depth >= MOST_NESTED) {
      return false;
    }
    Ending end = run(text.get(), settings, host, depth + 1);
    if (end instanceof Ending.Exited(int status) && !replaces) {
      return status == 0;
    }
    ending = Optional.of(end);
    return true;
  }

  private boolean jump(String label) {
    for (int i = 0; i < lines.size(); i++) {
      if ((lines.get(i).strip() + " ").startsWith(":" + label + " ")) {
        next = i + 1;
        return true;
      }
    }
    return false;
  }

  /** The words behind the options; {@code --name} and {@code --drive} take one with them. */
  private static List<String> operands(List<String> argv) {
    int at = 1;
    while (at < argv.size() && argv.get(at).startsWith("-")) {
      String option = argv.get(at++);
      if (option.equals("--")) {
        break;
      }
      if (List.of("--name", "--drive", "--timeout").contains(option)) {
        at++;
      }
    }
    return argv.subList(Math.min(at, argv.size()), argv.size());
  }

  private String expanded(String word) {
    String text = word;
    for (int end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
      int start = text.lastIndexOf("${", end);
      if (start < 0) {
        return text;
      }
      String name = text.substring(start + 2, end).replaceFirst(":.*", "");
      text = text.substring(0, start) + settings.getOrDefault(name, "") + text.substring(end + 1);
    }
    return text;
  }
}
