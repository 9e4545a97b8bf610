// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import foundrybot.rig.load.LoadResult;
import foundrybot.rig.simulate.TimeToBlame;
import foundrybot.rig.simulate.TimeToBlame.Blamed;
import foundrybot.rig.simulate.TimeToBlame.Found;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * From a machine's fault to the status that names it. There is no load and no other server: racks
 * are simulated, and the time is theirs. Only how long a status takes is real.
 */
final class Blame {
  static final String EXPERIMENT = "blame";

  /** Of these the figures of one measurement are, behind it the node's or the diagnosis's name. */
  private static final String AFTER = "after ";

  private static final String CODE = "code ";
  private static final String WRONG = "wrong ";
  private static final String STATUS = "status of 1,000 nodes";

  /** Of a rack that is measured. */
  static final int NODES = 1000;

  /** How long a simulated rack may take, in seconds of real time. */
  private static final int MOST_REAL_SECONDS = 60;

  private Blame() {}

  /** What is looked at: each fault, and the status itself. */
  static List<String> scenarios() {
    List<String> all = new ArrayList<>(TimeToBlame.faults());
    all.add(STATUS);
    return all;
  }

  /**
   * Plays a rack for each seed.
   *
   * @param nodes of each rack
   * @param wanted which scenarios are told
   */
  static Results run(Run run, int nodes, int seeds, Pattern wanted, Consumer<Outcome> each) {
    Results results = new Results();
    for (int seed = 1; seed <= seeds; seed++) {
      Found found = found(nodes, seed);
      if (!found.violated().isEmpty()) {
        throw new BenchException("blame: seed " + seed + ": " + found.violated());
      }
      Map<String, List<Blamed>> byFault = new TreeMap<>();
      found
          .machines()
          .forEach(one -> byFault.computeIfAbsent(one.fault(), _ -> new ArrayList<>()).add(one));
      for (String scenario : scenarios()) {
        boolean told = wanted.matcher(EXPERIMENT + ": " + scenario).find();
        if (told && byFault.containsKey(scenario)) {
          add(results, outcome(run, scenario, seed, load(byFault.get(scenario))), each);
        }
        if (told && scenario.equals(STATUS)) {
          add(results, outcome(run, scenario, seed, load(found)), each);
        }
      }
    }
    return results;
  }

  private static Found found(int nodes, int seed) {
    try {
      return TimeToBlame.inRackOf(nodes, seed);
    } catch (IOException e) {
      throw new BenchException("blame: no folder for the simulated appliance's state", e);
    }
  }

  private static void add(Results results, Outcome outcome, Consumer<Outcome> each) {
    results.add(outcome);
    each.accept(outcome);
  }

  private static Outcome outcome(Run run, String scenario, int seed, LoadResult load) {
    return new Outcome(run, EXPERIMENT, scenario, Product.NAME, seed, load, 0, 0, 0);
  }

  private static LoadResult load(List<Blamed> machines) {
    Map<String, Double> more = new TreeMap<>();
    List<Double> times = new ArrayList<>();
    for (Blamed one : machines) {
      if (!one.code().isEmpty()) {
        double seconds = one.after().toMillis() / 1000.0;
        times.add(seconds);
        more.put(AFTER + one.node(), seconds);
        more.merge(CODE + one.code(), 1.0, Double::sum);
        one.wrong()
            .forEach((code, time) -> more.merge(WRONG + code, time.toMillis() / 1000.0, Math::max));
      }
    }
    return load(times.size(), machines.size() - times.size(), Spread.of(times), more);
  }

  private static LoadResult load(Found found) {
    List<Double> seconds = found.looks().stream().map(Blame::seconds).toList();
    return load(
        seconds.size(),
        0,
        Spread.of(seconds),
        Map.of("virtual", seconds(found.virtual()), "real", seconds(found.real())));
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  private static LoadResult load(int done, int failed, Spread seconds, Map<String, Double> more) {
    return new LoadResult(
        done,
        failed,
        0,
        seconds.most(),
        seconds.median() * 1e3,
        seconds.most() * 1e3,
        0,
        more,
        "",
        "");
  }

  /** The table, and how long a status takes; empty if nothing of it was measured. */
  static String table(Results results) {
    List<String> lines = new ArrayList<>();
    for (String fault : TimeToBlame.faults()) {
      List<Outcome> outcomes = results.of(fault).toList();
      if (!outcomes.isEmpty()) {
        lines.add(row(fault, outcomes));
      }
    }
    if (!lines.isEmpty()) {
      lines.addFirst("|---|---|---|---|---|---|---|");
      lines.addFirst(
          "| fault | nodes | diagnosis | first, s | median, s | worst, s | wrongly blamed meanwhile"
              + " |");
      lines.add("");
    }
    List<Outcome> status = results.of(STATUS).toList();
    if (!status.isEmpty()) {
      lines.add(status(status));
    }
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private static String row(String fault, List<Outcome> outcomes) {
    Spread after =
        Spread.of(
            outcomes.stream()
                .map(one -> named(one, AFTER).values())
                .flatMap(Collection::stream)
                .toList());
    Map<String, Double> wrong = new TreeMap<>();
    outcomes.forEach(
        one -> named(one, WRONG).forEach((code, s) -> wrong.merge(code, s, Math::max)));
    TreeSet<String> codes = new TreeSet<>();
    outcomes.forEach(one -> codes.addAll(named(one, CODE).keySet()));
    long nodes = outcomes.stream().mapToLong(one -> one.load().done()).sum();
    return "| `%s` | %d | %s | %s | %s | %s | %s |"
        .formatted(
            fault,
            nodes,
            codes.stream().map(code -> "`" + code + "`").collect(Collectors.joining(", ")),
            whole(after.least()),
            whole(after.median()),
            whole(after.most()),
            wrong.isEmpty()
                ? "-"
                : wrong.entrySet().stream()
                    .map(e -> "`" + e.getKey() + "` at most " + whole(e.getValue()) + " s")
                    .collect(Collectors.joining(", ")));
  }

  private static String status(List<Outcome> outcomes) {
    Spread median = Spread.of(outcomes.stream().map(one -> one.load().p50Ms()).toList());
    Spread worst = Spread.of(outcomes.stream().map(one -> one.load().p99Ms()).toList());
    return "Real time to make the "
        + STATUS
        + ", of "
        + outcomes.stream().mapToLong(one -> one.load().done()).sum()
        + " in "
        + outcomes.size()
        + " racks: median "
        + median
        + " ms, the slowest of a rack "
        + worst
        + " ms.\nReal time to play one of these racks from power on to its end: "
        + Spread.of(outcomes.stream().map(one -> one.more("real")).toList())
        + " s (goal: at most "
        + MOST_REAL_SECONDS
        + " s on two cores).";
  }

  private static String whole(double seconds) {
    return Double.isNaN(seconds) ? "-" : String.valueOf(Math.round(seconds));
  }

  private static Map<String, Double> named(Outcome outcome, String kind) {
    Map<String, Double> named = new TreeMap<>();
    outcome
        .load()
        .more()
        .forEach(
            (name, value) -> {
              if (name.startsWith(kind)) {
                named.put(name.substring(kind.length()), value);
              }
            });
    return named;
  }
}
