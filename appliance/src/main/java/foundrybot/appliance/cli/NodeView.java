// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.NodeProgress.Rung;
import foundrybot.appliance.lifecycle.Diagnosis;
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
    text.append(node.evidence()).append('\n');
    if (node.progress().total() > 0) {
      text.append(Paint.bar(node.progress().done(), node.progress().total())).append(" of ");
      text.append(node.progress().what()).append('\n');
    }
    if (node.progress().secondsLeft() >= 0) {
      text.append("about ").append(StatusTable.span(node.progress().secondsLeft()));
      text.append(" left, by what others of its profile took\n");
    }
    trouble(text, node, look);
    if (!node.log().isEmpty()) {
      text.append("\nlast lines of its log (bootserver logs ").append(node.name()).append("):\n");
      node.log()
          .forEach(
              line ->
                  text.append("  ")
                      .append(Paint.cut(line.at() + "  " + line.text(), look.width() - 2))
                      .append('\n'));
    }
    return text.toString();
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

  private static void trouble(StringBuilder text, NodeStatus node, Look look) {
    Diagnosis diagnosis = node.diagnosis();
    if (diagnosis.code().isEmpty()) {
      return;
    }
    String where = node.name() + StatusTable.verb(node) + node.stage() + ": ";
    text.append('\n').append(Paint.wrapped(where, diagnosis.why(), look.width(), "  "));
    list(text, "seen", diagnosis.evidence(), look);
    list(text, "likely causes", diagnosis.causes(), look);
    list(text, "try", diagnosis.tries(), look);
    if (!node.next().isEmpty()) {
      text.append(Paint.wrapped("next: ", node.next(), look.width(), "  "));
    }
  }

  private static void list(StringBuilder text, String title, List<String> items, Look look) {
    if (!items.isEmpty()) {
      text.append(title).append(":\n");
      items.forEach(
          item -> text.append("  ").append(Paint.wrapped("- ", item, look.width(), "    ")));
    }
  }
}
