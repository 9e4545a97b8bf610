// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.FleetStatus.Said;
import foundrybot.appliance.NodeProgress;
import foundrybot.appliance.NodeProgress.Rung;
import foundrybot.appliance.logs.LogLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One node for people: its way with the time that each stage took, its trouble, its log. */
final class NodeView {
  private NodeView() {}

  static String of(NodeStatus node, Instant now, Look look) {
    StringBuilder text = new StringBuilder();
    text.append(node.name()).append(" (").append(node.mac()).append(", ").append(node.role());
    text.append(", ").append(node.profile()).append("): ").append(node.stage()).append(", ");
    text.append(Paint.condition(node.condition(), node.condition(), look.colour()));
    text.append(", run ").append(node.run()).append(", attempt ").append(node.attempt());
    text.append('\n');
    way(text, node, now);
    text.append("last heard: ").append(node.evidenceAt()).append("  ");
    text.append(BmcOfNode.shown(node.evidence())).append('\n');
    progress(text, node);
    if (!node.diagnosis().code().isEmpty()) {
      text.append('\n').append(DiagnosisText.of(node, look.width()));
    }
    log(text, node, false, look);
    log(text, node, true, look);
    return text.toString();
  }

  private static void progress(StringBuilder text, NodeStatus node) {
    NodeProgress progress = node.progress();
    if (progress.percent() >= 0) {
      text.append(StatusTable.installation(progress)).append('\n');
    }
    if (progress.total() > 0) {
      text.append(StatusTable.transfer(progress)).append('\n');
    }
    if (progress.secondsLeft() >= 0) {
      text.append("about ").append(StatusTable.span(progress.secondsLeft()));
      text.append(" left, by what others of its profile took\n");
    } else if (StatusTable.isOnItsWay(node)) {
      text.append("time left unknown: no earlier run of ").append(node.profile());
      text.append(" from ").append(node.stage()).append(" to the end\n");
    }
  }

  /** What it sent, and what was read on its console, apart. */
  private static void log(StringBuilder text, NodeStatus node, boolean console, Look look) {
    List<Said> lines =
        node.log().stream().filter(line -> line.from().equals(LogLine.CONSOLE) == console).toList();
    if (lines.isEmpty()) {
      return;
    }
    text.append("\nlast lines of its ").append(console ? "console" : "log");
    text.append(" (bootserver logs ").append(node.name()).append("):\n");
    for (Said line : lines) {
      String shown = line.at() + "  " + BmcOfNode.shown(line.text());
      text.append("  ").append(Paint.cut(shown, look.width() - 2)).append('\n');
    }
  }

  private static void way(StringBuilder text, NodeStatus node, Instant now) {
    List<Rung> rungs = node.progress().rungs();
    for (int i = 0; i < rungs.size(); i++) {
      Rung rung = rungs.get(i);
      boolean last = i == rungs.size() - 1;
      Instant at = Instant.parse(rung.at());
      Instant end = last ? now : Instant.parse(rungs.get(i + 1).at());
      text.append("  %-12s %-28s".formatted(rung.stage(), rung.at()));
      text.append(StatusTable.span(Duration.between(at, end).toSeconds()));
      text.append(last ? " so far\n" : "\n");
    }
  }
}
