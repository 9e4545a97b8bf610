// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.rig.simulate.Simulation.Result;
import foundrybot.rig.simulate.Simulation.Way;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What came out of a simulation, for people and for programs. */
final class Report {
  private Report() {}

  /**
   * In words.
   *
   * @param again the command that plays it once more
   * @param each whether each node's way is told
   */
  static void print(PrintStream out, Result result, String again, boolean each) {
    out.printf(
        "simulate: %d of %d nodes done, %d with a fault; virtual time %s, real time %.1f s, %d"
            + " events, %d looks at invariants, appliance killed %d times, %s%n",
        result.arrived(),
        result.nodes(),
        result.faults().size(),
        text(result.virtual()),
        result.real().toMillis() / 1000.0,
        result.events(),
        result.checks(),
        result.crashes(),
        result.network());
    if (result.ends() > 0) {
      out.printf(
          "simulate: the appliance ended itself %d times, its own disk was full; it said%n",
          result.ends());
      result.saidAtEnd().forEach(said -> out.println("  " + said));
    }
    out.println("simulate: digest of all events " + result.digest());
    if (!result.faults().isEmpty()) {
      blames(out, result);
    }
    if (!result.alarms().isEmpty()) {
      out.println(
          "simulate: diagnoses that nodes without a fault had meanwhile, and for how long at most: "
              + times(result.alarms()));
    }
    if (each) {
      result.phases().forEach(phase -> out.println(phase.line()));
      ways(out, result.ways());
    }
    result
        .violated()
        .ifPresentOrElse(
            violated -> {
              out.println("simulate: VIOLATED " + violated.invariant().words());
              out.println("  " + violated.getMessage());
              out.println("  the last events:");
              result.last().forEach(line -> out.println("    " + line));
              out.println("simulate: once more: " + again);
            },
            () -> out.println("simulate: all invariants hold"));
  }

  private static void blames(PrintStream out, Result result) {
    out.printf(
        Locale.ROOT,
        "%n%-24s %6s %6s  %-20s %12s %12s  %s%n",
        "FAULT",
        "NODES",
        "BLAMED",
        "DIAGNOSIS",
        "FIRST",
        "LAST",
        "WRONGLY BLAMED MEANWHILE");
    Map<Fault, Integer> felt = new EnumMap<>(Fault.class);
    result.faults().values().forEach(fault -> felt.merge(fault, 1, Integer::sum));
    felt.forEach(
        (fault, count) -> {
          List<Watch.Blame> blames =
              result.blames().values().stream().filter(b -> b.fault() == fault).toList();
          out.printf(
              Locale.ROOT,
              "%-24s %6d %6d  %-20s %12s %12s  %s%n",
              fault,
              count,
              blames.size(),
              blames.stream().map(Watch.Blame::code).distinct().collect(Collectors.joining(",")),
              blames.stream()
                  .map(Watch.Blame::after)
                  .min(Duration::compareTo)
                  .map(Report::text)
                  .orElse("-"),
              blames.stream()
                  .map(Watch.Blame::after)
                  .max(Duration::compareTo)
                  .map(Report::text)
                  .orElse("-"),
              wrong(blames));
        });
    out.println();
  }

  /** The longest of each code. */
  private static String wrong(List<Watch.Blame> blames) {
    Map<String, Duration> longest = new TreeMap<>();
    blames.forEach(
        blame ->
            blame
                .wrong()
                .forEach(
                    (code, time) ->
                        longest.merge(code, time, (a, b) -> a.compareTo(b) > 0 ? a : b)));
    return longest.isEmpty() ? "-" : times(longest);
  }

  private static String times(Map<String, Duration> longest) {
    return longest.entrySet().stream()
        .map(entry -> entry.getKey() + " " + text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static void ways(PrintStream out, List<Way> ways) {
    for (Way way : ways) {
      out.printf(Locale.ROOT, "%-16s %-12s %s%n", way.name(), way.stage(), way.condition());
      way.steps().forEach(step -> out.println("    " + step));
      if (!way.code().isEmpty()) {
        out.println("    why: " + way.why() + " [" + way.code() + "]");
        out.println("    try: " + way.tryNext());
      }
    }
  }

  /** What programs read. */
  static Map<String, Object> json(Result result, long seed) {
    Map<String, Object> json = new TreeMap<>();
    json.put("seed", seed);
    json.put("nodes", result.nodes());
    json.put("done", result.arrived());
    json.put("virtualSeconds", result.virtual().toSeconds());
    json.put("realMillis", result.real().toMillis());
    json.put("events", result.events());
    json.put("checks", result.checks());
    json.put("crashes", result.crashes());
    json.put("ends", result.ends());
    json.put("saidAtEnd", result.saidAtEnd());
    json.put("digest", result.digest());
    json.put("violated", result.violated().map(v -> String.valueOf(v.getMessage())).orElse(""));
    json.put("blames", blames(result.blames()));
    json.put("alarmSeconds", seconds(result.alarms()));
    json.put("phases", result.phases().stream().map(Report::phase).toList());
    json.put("ways", result.ways());
    return json;
  }

  private static List<Map<String, Object>> blames(Map<Mac, Watch.Blame> blames) {
    return blames.entrySet().stream()
        .map(
            entry ->
                Map.<String, Object>of(
                    "mac", entry.getKey().toString(),
                    "fault", entry.getValue().fault().toString(),
                    "code", entry.getValue().code(),
                    "seconds", entry.getValue().after().toSeconds(),
                    "wrongSeconds", seconds(entry.getValue().wrong()),
                    "why", entry.getValue().why()))
        .toList();
  }

  /** Seconds are -1 for never. */
  private static Map<String, Object> phase(PhaseTimes phase) {
    return Map.of(
        "name", phase.name(),
        "need", phase.need(),
        "of", phase.of(),
        "opensSeconds", phase.opens().map(Duration::toSeconds).orElse(-1L),
        "doneSeconds", phase.done().map(Duration::toSeconds).orElse(-1L),
        "checks", phase.checks());
  }

  private static Map<String, Long> seconds(Map<String, Duration> times) {
    Map<String, Long> seconds = new TreeMap<>();
    times.forEach((code, time) -> seconds.put(code, time.toSeconds()));
    return seconds;
  }

  static String text(Duration duration) {
    return duration.compareTo(Duration.ofHours(1)) >= 0
        ? "%d h %02d min".formatted(duration.toHours(), duration.toMinutesPart())
        : "%d min %02d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }
}
