// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.NodeProgress;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The rack as a table for people, at most as wide as their terminal: who is stuck first, then in
 * the order of the way; of a large rack only who is worth a look. Nodes stand under their phase and
 * role, unless one table of all is wanted.
 */
public final class StatusTable {
  private static final int NAME = 0;
  private static final int CONDITION = 3;
  private static final int SINCE = 4;
  private static final List<String> HEAD =
      List.of("NODE", "ROLE", "STAGE", "CONDITION", "SINCE", "LAST EVIDENCE");

  /** Columns that a narrow terminal has, and one of middle width. */
  private static final List<Integer> NARROW = List.of(NAME, 2, CONDITION, SINCE);

  private static final List<Integer> WIDE = List.of(NAME, 1, 2, CONDITION, SINCE, 5);
  private static final int WIDE_FROM = 60;

  /** The same under the heading of a role. */
  private static final List<Integer> GROUPED = List.of(NAME, 2, CONDITION, SINCE, 5);

  /** So much of a name is always shown. */
  private static final int LEAST_NAME = 8;

  /** Between two columns. */
  private static final int GAP = 2;

  private static final String IN_GROUP = "  ";

  /** What is said of a trouble, of so many nodes. */
  private static final int MOST_TROUBLES = 20;

  private static final String STUCK = Condition.STUCK.toString();

  private static final String HELD = Condition.HELD.toString();

  private StatusTable() {}

  /**
   * Lays out one status, without colours and with a line for each node.
   *
   * @param width columns, 40 or more
   */
  public static String of(FleetStatus status, Instant now, int width) {
    return of(status, now, Look.plain(width));
  }

  static String of(FleetStatus status, Instant now, Look look) {
    StringBuilder text = new StringBuilder();
    List<NodeStatus> shown = shown(status, look);
    if (look.flat()) {
      table(text, shown, now, look);
    } else {
      groups(text, status, shown, now, look);
    }
    if (shown.size() < status.nodes().size()) {
      text.append("and ").append(status.nodes().size() - shown.size());
      text.append(" more; --all shows them\n");
    }
    troubles(text, status, look);
    for (NodeStatus node : status.nodes()) {
      if (!node.access().isEmpty()) {
        text.append('\n').append(node.name()).append(" is in rescue: ");
        text.append(BmcOfNode.shown(node.access())).append("\n  the way back: bootserver rescue");
        text.append(" --end ").append(node.name()).append('\n');
      }
    }
    for (NodeStatus node : status.nodes()) {
      if (node.stage().equals(Stage.ERASED.toString())) {
        text.append('\n').append(node.name()).append(" is ERASED since ").append(node.since());
        text.append("; the proof: bootserver erase ").append(node.name()).append(" --show\n");
      }
    }
    for (NodeStatus node : status.nodes()) {
      if (node.stage().equals(Stage.RELEASED.toString())) {
        text.append('\n').append(node.name()).append(" is RELEASED since ").append(node.since());
        text.append("; back again: bootserver deploy ").append(node.name()).append('\n');
      }
    }
    if (!status.brake().isEmpty()) {
      text.append("\npower cycles of stuck nodes are ").append(status.brake());
      text.append("\n  try: mend that, then bootserver resume --all\n");
    }
    text.append('\n').append(summary(status, look)).append('\n');
    if (look.flat()) {
      status.phases().forEach(phase -> heading(text, phase, status, look));
    }
    foot(text, status, now);
    return text.toString();
  }

  /** Of many nodes those that are neither at the goal nor waiting without a word, to begin with. */
  private static List<NodeStatus> shown(FleetStatus status, Look look) {
    List<NodeStatus> all = new ArrayList<>(status.nodes());
    if (look.all() || all.size() <= look.rows()) {
      all.sort(Comparator.comparingInt(node -> isInTrouble(node) ? 0 : 1));
      return all;
    }
    all.sort(Comparator.comparingInt(StatusTable::rank));
    return all.subList(0, look.rows());
  }

  private static int rank(NodeStatus node) {
    if (isInTrouble(node)) {
      return 0;
    }
    boolean still =
        node.stage().equals(Stage.GOAL.toString()) || node.stage().equals(Stage.PLANNED.toString());
    return node.condition().equals(Condition.RETRYING.toString()) ? 1 : still ? 3 : 2;
  }

  private static boolean isInTrouble(NodeStatus node) {
    return node.condition().equals(STUCK) || node.condition().equals(HELD);
  }

  private static void heading(
      StringBuilder text, FleetStatus.PhaseStatus phase, FleetStatus status, Look look) {
    String line = Paint.wrapped("", PhaseLine.of(phase, status), look.width(), "  ");
    text.append(
        phase.blockedBy().isEmpty()
            ? line
            : line.replaceFirst("BLOCKED", Paint.condition("BLOCKED", STUCK, look.colour())));
  }

  /** A table for each role, under its phase; of many nodes those that are to be shown. */
  private static void groups(
      StringBuilder text, FleetStatus status, List<NodeStatus> shown, Instant now, Look look) {
    Set<String> left = new LinkedHashSet<>();
    status.nodes().forEach(node -> left.add(node.role()));
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    shown.forEach(node -> rows.add(cells(node, now)));
    int[] widths = widths(rows, grouped(look), inGroup(look));
    text.append(IN_GROUP).append(line(HEAD, grouped(look), widths, false, inGroup(look)));
    text.append('\n');
    for (FleetStatus.PhaseStatus phase : status.phases()) {
      heading(text, phase, status, look);
      for (String role : phase.roles()) {
        if (left.remove(role)) {
          group(text, role, status, shown, widths, now, look);
        }
      }
    }
    if (!left.isEmpty() && !status.phases().isEmpty()) {
      text.append("in no phase:\n");
    }
    for (String role : left) {
      group(text, role, status, shown, widths, now, look);
    }
  }

  private static void group(
      StringBuilder text,
      String role,
      FleetStatus status,
      List<NodeStatus> shown,
      int[] widths,
      Instant now,
      Look look) {
    List<NodeStatus> all =
        status.nodes().stream().filter(node -> node.role().equals(role)).toList();
    String counts = "(" + all.size() + "): " + stages(all) + troubled(all);
    text.append(Paint.wrapped(role + " ", counts, look.width(), "  "));
    for (NodeStatus node : shown) {
      if (node.role().equals(role)) {
        text.append(IN_GROUP);
        text.append(line(cells(node, now), grouped(look), widths, true, inGroup(look)));
        text.append('\n');
      }
    }
  }

  private static String troubled(List<NodeStatus> nodes) {
    long stuck = nodes.stream().filter(node -> node.condition().equals(STUCK)).count();
    long held = nodes.stream().filter(node -> node.condition().equals(HELD)).count();
    return (stuck > 0 ? "; " + stuck + " stuck" : "") + (held > 0 ? "; " + held + " held" : "");
  }

  private static List<Integer> grouped(Look look) {
    return look.width() < WIDE_FROM ? NARROW : GROUPED;
  }

  private static Look inGroup(Look look) {
    int width = look.width() - IN_GROUP.length();
    return new Look(width, look.colour(), look.all(), look.flat(), look.rows());
  }

  private static void table(StringBuilder text, List<NodeStatus> nodes, Instant now, Look look) {
    List<Integer> columns = look.width() < WIDE_FROM ? NARROW : WIDE;
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    nodes.forEach(node -> rows.add(cells(node, now)));
    int[] widths = widths(rows, columns, look);
    for (int i = 0; i < rows.size(); i++) {
      text.append(line(rows.get(i), columns, widths, i > 0, look)).append('\n');
    }
  }

  /** A long name gives way to where its node stands. */
  private static int[] widths(List<List<String>> rows, List<Integer> columns, Look look) {
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int others =
        columns.stream()
            .filter(column -> column != NAME && column <= SINCE)
            .mapToInt(column -> GAP + widths[column])
            .sum();
    widths[NAME] = Math.min(widths[NAME], Math.max(LEAST_NAME, look.width() - others));
    return widths;
  }

  private static List<String> cells(NodeStatus node, Instant now) {
    return List.of(
        node.name(),
        node.role(),
        stage(node),
        node.condition(),
        age(Instant.parse(node.since()), now),
        movement(node));
  }

  /**
   * A bar while an installer is at work or something is on its way, and what is left; else the last
   * thing heard.
   */
  private static String movement(NodeStatus node) {
    long left = node.progress().secondsLeft();
    String soon = left < 0 || isInTrouble(node) ? "" : "about " + span(left) + " left; ";
    if (node.progress().percent() >= 0) {
      return soon + installation(node.progress());
    }
    return soon + (node.progress().total() > 0 ? transfer(node.progress()) : node.evidence());
  }

  /** How far an installer is, in a bar and in words. */
  static String installation(NodeProgress progress) {
    return Paint.bar(progress.percent(), 100) + " installed; " + progress.step();
  }

  static String transfer(NodeProgress progress) {
    return Paint.bar(progress.done(), progress.total()) + " of " + progress.what();
  }

  /** Whether how long it will take is worth a word: it is on its way, and that goes well. */
  static boolean isOnItsWay(NodeStatus node) {
    boolean still =
        node.stage().equals(Stage.GOAL.toString()) || node.stage().equals(Stage.PLANNED.toString());
    boolean well =
        node.condition().equals(Condition.OK.toString())
            || node.condition().equals(Condition.RETRYING.toString());
    return well && !still && node.purpose().isEmpty() && isOfRun(node.stage());
  }

  private static boolean isOfRun(String stage) {
    return Arrays.stream(Stage.values())
        .anyMatch(each -> each.isOfRun() && each.toString().equals(stage));
  }

  private static String line(
      List<String> row, List<Integer> columns, int[] widths, boolean node, Look look) {
    StringBuilder plain = new StringBuilder();
    int from = 0;
    int to = 0;
    for (int i = 0; i < columns.size(); i++) {
      int column = columns.get(i);
      boolean last = i == columns.size() - 1;
      if (column == CONDITION) {
        from = plain.length();
        to = from + row.get(column).length();
      }
      String cell = row.get(column);
      String shown = column == NAME ? Paint.cutInside(cell, widths[NAME]) : cell;
      plain.append(shown);
      plain.append(" ".repeat(last ? 0 : widths[column] - shown.length() + GAP));
    }
    String cut = Paint.cut(plain.toString(), look.width());
    // What was cut off has no colour, either.
    return node && look.colour() && to < cut.length()
        ? cut.substring(0, from)
            + Paint.condition(cut.substring(from, to), row.get(CONDITION), true)
            + cut.substring(to)
        : cut;
  }

  private static void troubles(StringBuilder text, FleetStatus status, Look look) {
    int most = look.all() ? Integer.MAX_VALUE : MOST_TROUBLES;
    List<NodeStatus> all =
        status.nodes().stream()
            .filter(node -> !node.diagnosis().code().isEmpty())
            .sorted(Comparator.comparingInt(node -> isInTrouble(node) ? 0 : 1))
            .toList();
    for (NodeStatus node : all.subList(0, Math.min(most, all.size()))) {
      Diagnosis diagnosis = node.diagnosis();
      String where = node.name() + verb(node) + node.stage() + ": ";
      text.append('\n').append(Paint.wrapped(where, diagnosis.why(), look.width(), "  "));
      text.append("  ").append(Paint.wrapped("try: ", diagnosis.tryNext(), look.width(), "    "));
      if (!node.next().isEmpty()) {
        text.append("  ").append(Paint.wrapped("next: ", node.next(), look.width(), "    "));
      }
    }
    if (all.size() > most) {
      text.append("\nand ").append(all.size() - most).append(" more with a diagnosis; --all shows");
      text.append(" them\n");
    }
    going(text, status, look, most);
  }

  /** Who has no trouble yet, and about whom the appliance does something by itself. */
  private static void going(StringBuilder text, FleetStatus status, Look look, int most) {
    List<NodeStatus> all =
        status.nodes().stream()
            .filter(node -> node.diagnosis().code().isEmpty() && !node.next().isEmpty())
            .toList();
    for (NodeStatus node : all.subList(0, Math.min(most, all.size()))) {
      String where = node.name() + " is " + node.condition() + " at " + node.stage() + ": ";
      text.append('\n');
      text.append(Paint.wrapped(where, BmcOfNode.shown(node.next()), look.width(), "  "));
    }
    if (all.size() > most) {
      text.append("\nand ").append(all.size() - most).append(" more like them; --all shows them\n");
    }
  }

  static String verb(NodeStatus node) {
    return node.condition().equals(STUCK)
        ? " is stuck at "
        : node.condition().equals(HELD)
            ? " is held at "
            : node.stage().equals(Stage.GOAL.toString()) ? " is " : " waits at ";
  }

  private static void foot(StringBuilder text, FleetStatus status, Instant now) {
    for (FleetStatus.Stranger stranger : status.strangers()) {
      text.append("seen, not in the rack file: ").append(stranger.mac()).append(' ');
      text.append(stranger.said()).append(", ");
      text.append(age(Instant.parse(stranger.at()), now)).append(" ago\n");
    }
    if (!status.refused().isEmpty()) {
      text.append("not served since the start:");
      status
          .refused()
          .forEach((why, number) -> text.append("\n  ").append(why).append(' ').append(number));
      text.append('\n');
    }
    if (!status.appliance().code().isEmpty()) {
      text.append(status.appliance().why()).append("\n  try: ");
      text.append(status.appliance().tryNext()).append('\n');
    }
    if (!status.rackFault().isEmpty()) {
      text.append("the changed rack file is refused, the old one is in force:\n  ");
      text.append(status.rackFault().replace("\n", "\n  ")).append('\n');
    }
  }

  private static String stage(NodeStatus node) {
    boolean onItsWay = !node.purpose().isEmpty() && isOfRun(node.stage());
    return onItsWay ? node.stage() + " (" + node.purpose() + ")" : node.stage();
  }

  private static String summary(FleetStatus status, Look look) {
    int exit = status.exitStatus();
    String word = exit == 0 ? "complete" : exit == 3 ? "BLOCKED" : "in progress";
    String counts = status.arrived() + " of " + status.nodes().size() + " enrolled";
    String first = "cluster " + status.cluster() + ": ";
    String text =
        Paint.wrapped(first, word + ", " + counts + left(status), look.width(), "  ")
            .stripTrailing();
    String coloured =
        switch (exit) {
          case 0 ->
              text.replace(
                  ": " + word,
                  ": " + Paint.condition(word, Condition.OK.toString(), look.colour()));
          case 3 -> text.replace(": " + word, ": " + Paint.condition(word, STUCK, look.colour()));
          default -> text;
        };
    return status.nodes().size() > look.rows()
        ? coloured
            + "\n"
            + Paint.wrapped("stages: ", stages(status.nodes()), look.width(), "  ").stripTrailing()
        : coloured;
  }

  /** Until the slowest of those that move is probably there. */
  private static String left(FleetStatus status) {
    long most =
        status.nodes().stream()
            .filter(node -> !isInTrouble(node))
            .mapToLong(node -> node.progress().secondsLeft())
            .max()
            .orElse(-1);
    if (status.complete()) {
      return "";
    }
    if (most < 0) {
      boolean some = status.nodes().stream().anyMatch(StatusTable::isOnItsWay);
      return some ? ", time left unknown: no earlier run of that profile" : "";
    }
    return ", about " + span(most) + " left";
  }

  private static String stages(List<NodeStatus> nodes) {
    Map<String, Long> count = new LinkedHashMap<>();
    for (Stage stage : Stage.values()) {
      long here = nodes.stream().filter(n -> n.stage().equals(stage.toString())).count();
      if (here > 0) {
        count.put(stage.toString(), here);
      }
    }
    return count.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  static String age(Instant since, Instant now) {
    return span(Duration.between(since, now).toSeconds());
  }

  static String span(long seconds) {
    if (seconds < 120) {
      return Math.max(0, seconds) + "s";
    }
    return seconds < 7200 ? seconds / 60 + "m" : seconds / 3600 + "h";
  }
}
