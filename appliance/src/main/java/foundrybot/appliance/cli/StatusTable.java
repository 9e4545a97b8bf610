// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.lifecycle.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The rack as a table for people, at most as wide as their terminal. */
public final class StatusTable {
  private static final List<String> HEAD =
      List.of("NODE", "ROLE", "STAGE", "CONDITION", "SINCE", "LAST EVIDENCE");

  private static final String STUCK = Condition.STUCK.toString();

  private static final String HELD = Condition.HELD.toString();

  private StatusTable() {}

  /**
   * Lays out one status.
   *
   * @param width columns, 40 or more
   */
  public static String of(FleetStatus status, Instant now, int width) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (NodeStatus node : status.nodes()) {
      rows.add(
          List.of(
              node.name(),
              node.role(),
              stage(node),
              node.condition(),
              age(Instant.parse(node.since()), now),
              node.evidence()));
    }
    StringBuilder text = new StringBuilder();
    int[] widths = widths(rows);
    for (List<String> row : rows) {
      text.append(line(row, widths, width)).append('\n');
    }
    for (NodeStatus node : status.nodes()) {
      Diagnosis diagnosis = node.diagnosis();
      if (!diagnosis.code().isEmpty()) {
        text.append('\n').append(node.name());
        text.append(
            node.condition().equals(STUCK)
                ? " is stuck at "
                : node.condition().equals(HELD) ? " is held at " : " waits at ");
        text.append(node.stage());
        text.append(": ").append(diagnosis.why());
        text.append("\n  try: ").append(diagnosis.tryNext());
        text.append(node.next().isEmpty() ? "\n" : "\n  next: " + node.next() + "\n");
      }
    }
    for (NodeStatus node : status.nodes()) {
      if (!node.access().isEmpty()) {
        text.append('\n').append(node.name()).append(" is in rescue: ");
        text.append(BmcOfNode.shown(node.access())).append("\n  the way back: bootserver rescue");
        text.append(" --end ").append(node.name()).append('\n');
      }
    }
    if (!status.brake().isEmpty()) {
      text.append("\npower cycles of stuck nodes are ").append(status.brake());
      text.append("\n  try: mend that, then bootserver resume --all\n");
    }
    text.append('\n').append(summary(status)).append('\n');
    status.phases().forEach(phase -> text.append(PhaseLine.of(phase, status)).append('\n'));
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
    if (!status.rackFault().isEmpty()) {
      text.append("the changed rack file is refused, the old one is in force:\n  ");
      text.append(status.rackFault().replace("\n", "\n  ")).append('\n');
    }
    return text.toString();
  }

  private static String stage(NodeStatus node) {
    boolean onItsWay = node.rescue() && !node.stage().equals(Stage.RESCUE.toString());
    return onItsWay ? node.stage() + " (rescue)" : node.stage();
  }

  private static String summary(FleetStatus status) {
    String counts = status.arrived() + " of " + status.nodes().size() + " enrolled";
    return "cluster "
        + status.cluster()
        + ": "
        + switch (status.exitStatus()) {
          case 0 -> "complete, ";
          case 3 -> "BLOCKED, ";
          default -> "in progress, ";
        }
        + counts;
  }

  private static int[] widths(List<List<String>> rows) {
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  private static String line(List<String> row, int[] widths, int width) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      boolean last = i == row.size() - 1;
      line.append(last ? row.get(i) : (row.get(i) + " ".repeat(widths[i])).substring(0, widths[i]));
      line.append(last ? "" : "  ");
    }
    return line.length() > width ? line.substring(0, width - 1) + "…" : line.toString();
  }

  private static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    if (age.toSeconds() < 120) {
      return Math.max(0, age.toSeconds()) + "s";
    }
    return age.toMinutes() < 120 ? age.toMinutes() + "m" : age.toHours() + "h";
  }
}
