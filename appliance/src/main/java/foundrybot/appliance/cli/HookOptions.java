// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.HookSettings;
import foundrybot.answerfiles.HookSettings.Action;
import foundrybot.answerfiles.HookSettings.Hook;
import foundrybot.answerfiles.HookSettings.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * What a switch of the user's is asked. Every user of this machine can read arguments, so requests
 * that hold a key come from a file, or have {@code {secret}} in its place. None of them is shown
 * again, not even where something is wrong with it.
 */
final class HookOptions {
  private static final String STATUS = "status";
  private static final long MOST_BYTES = 64 * 1024;
  private static final int LONGEST_OFF = 120;

  @Option(
      names = "--on",
      paramLabel = "REQUEST",
      description = {
        "With webhook+https: what it is asked to switch on, such as 'POST /relay/0?turn=on', behind"
            + " URL. {system} stands for --system, {secret} for the password.",
      })
  private Optional<String> on = Optional.empty();

  @Option(names = "--off", paramLabel = "REQUEST", description = "The same, to switch off.")
  private Optional<String> off = Optional.empty();

  @Option(
      names = "--shutdown",
      paramLabel = "REQUEST",
      description = "The same, to have the operating system shut down.")
  private Optional<String> shutdown = Optional.empty();

  @Option(
      names = "--cycle",
      paramLabel = "REQUEST",
      description = "The same, for off and on again; without it, it is told off and on.")
  private Optional<String> cycle = Optional.empty();

  @Option(names = "--reset", paramLabel = "REQUEST", description = "The same, to restart.")
  private Optional<String> reset = Optional.empty();

  @Option(
      names = "--status",
      paramLabel = "REQUEST",
      description = "The same, to tell the state; with --status-on and --status-off.")
  private Optional<String> status = Optional.empty();

  @Option(
      names = "--requests",
      paramLabel = "FILE",
      description = {
        "A file with such requests, for those that hold a key of the device's: a line each, such as"
            + " 'off: GET /k3y/off'."
      })
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--status-on",
      paramLabel = "WORD",
      description = "What the answer to --status says of one that is on.")
  private Optional<String> wordOn = Optional.empty();

  @Option(
      names = "--status-off",
      paramLabel = "WORD",
      description = "What it says of one that is off.")
  private Optional<String> wordOff = Optional.empty();

  @Option(
      names = "--status-pointer",
      paramLabel = "POINTER",
      description = "Where it says so in JSON, such as /relays/0/ison; without it, in the text.")
  private Optional<String> pointer = Optional.empty();

  @Option(
      names = "--header",
      paramLabel = "NAME",
      description = "The header that carries the password; without it, Basic with --user.")
  private Optional<String> header = Optional.empty();

  @Option(
      names = "--off-time",
      paramLabel = "SECONDS",
      description = "How long a cycle of off and on leaves the power away: 1..120, 5 unless given.")
  private Optional<Integer> offTime = Optional.empty();

  private boolean isGiven() {
    return on.isPresent()
        || off.isPresent()
        || shutdown.isPresent()
        || cycle.isPresent()
        || reset.isPresent()
        || status.isPresent()
        || file.isPresent()
        || wordOn.isPresent()
        || wordOff.isPresent()
        || pointer.isPresent()
        || header.isPresent()
        || offTime.isPresent();
  }

  /**
   * All of it.
   *
   * @param wanted whether what is entered is such a switch
   * @return empty where it is none
   * @throws IllegalArgumentException if something is missing, too much or malformed
   */
  Optional<HookSettings> settings(boolean wanted) {
    if (!wanted) {
      if (isGiven()) {
        throw new IllegalArgumentException(
            "--on, --off, --status and what goes with them: given (expected: with webhook+https and"
                + " webhook+http alone)");
      }
      return Optional.empty();
    }
    Map<String, Hook> requests = requests();
    Map<Action, Hook> actions = new EnumMap<>(Action.class);
    for (Action action : Action.values()) {
      Optional.ofNullable(requests.get(action.key())).ifPresent(it -> actions.put(action, it));
    }
    if (actions.isEmpty()) {
      throw new IllegalArgumentException(
          "--on and --off: missing (expected: what the switch is asked, such as --on 'POST"
              + " /relay/0?turn=on', or --requests FILE)");
    }
    int seconds = offTime.orElse(5);
    if (seconds < 1 || seconds > LONGEST_OFF) {
      throw new IllegalArgumentException("--off-time: " + seconds + " (expected: 1..120)");
    }
    return Optional.of(
        new HookSettings(
            actions,
            status(Optional.ofNullable(requests.get(STATUS))),
            header.map(HookSettings::header),
            Duration.ofSeconds(seconds)));
  }

  private Optional<Status> status(Optional<Hook> hook) {
    if (hook.isPresent() != (wordOn.isPresent() && wordOff.isPresent())
        || (hook.isEmpty() && (wordOn.isPresent() || wordOff.isPresent() || pointer.isPresent()))) {
      throw new IllegalArgumentException(
          "--status: (expected: together with --status-on and --status-off, the words by which its"
              + " answer tells on from off)");
    }
    return hook.map(
        it -> HookSettings.status(it, pointer, wordOn.orElseThrow(), wordOff.orElseThrow()));
  }

  private Map<String, Hook> requests() {
    Map<String, Hook> requests = new LinkedHashMap<>();
    Map<String, Optional<String>> options = new LinkedHashMap<>();
    options.put("on", on);
    options.put("off", off);
    options.put("shutdown", shutdown);
    options.put("cycle", cycle);
    options.put("reset", reset);
    options.put(STATUS, status);
    options.forEach(
        (name, text) -> text.ifPresent(it -> requests.put(name, request("--" + name, it))));
    file.ifPresent(
        path -> {
          int number = 0;
          for (String line : lines(path)) {
            number++;
            String place = path + ":" + number;
            if (line.isBlank() || line.startsWith("#")) {
              continue;
            }
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (!options.containsKey(name)) {
              throw new IllegalArgumentException(
                  place
                      + ": (expected: one of "
                      + String.join(", ", options.keySet())
                      + ", a colon, and a request)");
            }
            Hook hook = request(place, line.substring(colon + 1).strip());
            if (requests.put(name, hook) != null) {
              throw new IllegalArgumentException(
                  place + ": " + name + " a second time (expected: once, here or as an option)");
            }
          }
        });
    return requests;
  }

  private static Iterable<String> lines(Path path) {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "--requests: " + path + ": more than 64 KiB (expected: a few lines)");
      }
      return Files.readAllLines(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--requests: " + path + ": cannot be read (expected: a text file): " + e, e);
    }
  }

  private static Hook request(String where, String text) {
    try {
      return HookSettings.request(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }
}
