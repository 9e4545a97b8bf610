// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measurements in a file, a line of JSON each: what {@code --out} writes and {@code --from} reads.
 */
final class ResultFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ResultFile() {}

  static void append(Path file, Outcome outcome) {
    try {
      Files.writeString(
          file,
          JSON.writeValueAsString(outcome) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new BenchException("--out: " + file + ": cannot be written", e);
    }
  }

  /**
   * Puts runs together, of which each may have measured a part. Repetitions of a case are numbered
   * anew, over all runs; what ran side by side keeps the same number.
   *
   * @throws BenchException if a file cannot be read, has the same measurement as another, or if
   *     they are of different commits or machines, which are not to be compared
   */
  static Results read(List<Path> files) {
    List<Outcome> all = new ArrayList<>();
    Set<Outcome> seen = new HashSet<>();
    for (Path file : files) {
      List<String> lines = lines(file);
      for (int i = 0; i < lines.size(); i++) {
        Outcome outcome = outcome(file + ":" + (i + 1), lines.get(i));
        if (!seen.add(outcome)) {
          throw new BenchException(
              "--from: " + file + ":" + (i + 1) + ": measured once, and here again");
        }
        all.add(outcome);
      }
    }
    same("commits", all.stream().map(one -> one.run().commit()).toList());
    same("machines", all.stream().map(one -> one.run().machine()).toList());
    return numbered(all);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new BenchException("--from: " + file + ": cannot be read", e);
    }
  }

  private static Outcome outcome(String place, String line) {
    try {
      return JSON.readValue(line, Outcome.class);
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw new BenchException("--from: " + place + " (expected: a line that --out wrote)", e);
    }
  }

  private static void same(String what, List<String> values) {
    Set<String> different = new LinkedHashSet<>(values);
    if (different.size() > 1) {
      throw new BenchException(
          "--from: of "
              + String.join(" and ", different)
              + " (expected: no different "
              + what
              + ")");
    }
  }

  private static Results numbered(List<Outcome> all) {
    Results results = new Results();
    Map<String, List<String>> turns = new HashMap<>();
    for (Outcome one : all) {
      List<String> known = turns.computeIfAbsent(one.scenario(), _ -> new ArrayList<>());
      String turn = one.run().began() + " " + one.repetition();
      if (!known.contains(turn)) {
        known.add(turn);
      }
      results.add(one.as(known.indexOf(turn) + 1));
    }
    return results;
  }
}
