// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Tables in Markdown, which are also what the terminal shows. */
final class Report {
  /** One column of a table of servers. */
  private record Column(String title, ToDoubleFunction<Outcome> value) {}

  private static final List<Column> LOADS =
      List.of(
          new Column("done/s", one -> one.load().done() / one.load().seconds()),
          new Column("p50 ms", one -> one.load().p50Ms()),
          new Column("p99 ms", one -> one.load().p99Ms()),
          new Column("failed", one -> one.load().failed()));

  private static final List<Column> STORMS =
      List.of(
          new Column("not booted", one -> one.load().failed()),
          new Column("DHCP resent", one -> one.more("resent")),
          new Column("TFTP time-outs", one -> one.more("timeouts")),
          new Column("blocks sent again", one -> one.more("repeated")),
          new Column("offer p99 ms", one -> one.more("offerP99")),
          new Column("program p99 ms", one -> one.more("programP99")),
          new Column("machine p50 ms", one -> one.load().p50Ms()),
          new Column("server CPU-s", Outcome::serverCpu),
          new Column("PSS MB", Outcome::pssMb));

  private Report() {}

  /** What was to be reached, and what was. */
  static String goals(List<Goal> goals, Results results) {
    List<String> lines = new ArrayList<>();
    lines.add("| goal | found | must | holds | best in class | holds |");
    lines.add("|---|---|---|---|---|---|");
    for (Goal goal : goals) {
      Spread found = goal.value().apply(results);
      if (!found.isNone()) {
        lines.add(
            row(
                goal.text(),
                found.toString(),
                goal.bound(goal.must()),
                goal.verdict(found, goal.must()).toString(),
                goal.bound(goal.best()),
                goal.verdict(found, goal.best()).toString()));
      }
    }
    return lines.size() == 2 ? "No goal can be judged by this run.\n" : text(lines);
  }

  /** Everything that was measured, case by case. */
  static String tables(List<Case> cases, Results results) {
    Map<String, Case> ran = new LinkedHashMap<>();
    for (Case one : cases) {
      if (!results.subjects(one.name()).isEmpty()) {
        ran.put(one.name(), one);
      }
    }
    List<String> lines = new ArrayList<>();
    for (Case one : ran.values()) {
      List<Column> columns = new ArrayList<>();
      columns.add(new Column(one.metric().unit(), one.metric()::of));
      columns.addAll(one.experiment().equals("storm") ? STORMS : LOADS);
      lines.add("#### " + one.experiment() + ": " + one.name());
      lines.add("");
      table(lines, one, columns, results);
      lines.add("");
    }
    return text(lines);
  }

  private static void table(List<String> lines, Case one, List<Column> columns, Results results) {
    StringBuilder head = new StringBuilder("| server |");
    StringBuilder rule = new StringBuilder("|---|");
    columns.forEach(
        column -> {
          head.append(' ').append(column.title()).append(" |");
          rule.append("---|");
        });
    lines.add(head.toString());
    lines.add(rule.toString());
    for (String subject : results.subjects(one.name())) {
      List<Outcome> outcomes = results.of(one.name(), subject);
      StringBuilder line = new StringBuilder("| " + subject + " |");
      for (Column column : columns) {
        Spread spread = Spread.of(outcomes.stream().mapToDouble(column.value()).boxed().toList());
        boolean bound =
            column.title().equals("done/s")
                && outcomes.stream().anyMatch(Outcome::isBoundByGenerator);
        line.append(' ').append(spread).append(bound ? " g" : "").append(" |");
      }
      lines.add(line.toString());
    }
  }

  /** How far the run can be trusted. */
  static String trust(Results results) {
    Spread foreign = Spread.of(results.all().stream().map(Outcome::foreign).toList());
    return "Cores that other programs used meanwhile: "
        + foreign
        + ". `g`: the load, not the server, was the limit of that column; the server's CPU is right"
        + " all the same.\n";
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  private static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }
}
