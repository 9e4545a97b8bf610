// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus;
import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.FleetStatus.PhaseStatus;
import foundrybot.appliance.lifecycle.Condition;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What is known of why a node is stuck, on paper: the same wherever it is shown. */
final class DiagnosisText {
  private static final String NOTHING_WRONG = "nothing is wrong; last heard: ";

  private DiagnosisText() {}

  /** The whole diagnosis, in lines of that width. */
  static String of(NodeStatus node, int width) {
    Diagnosis diagnosis = node.diagnosis();
    StringBuilder text = new StringBuilder();
    String where =
        node.name() + " is at " + node.stage() + " since " + seconds(node.since()) + ", ";
    text.append(Paint.wrapped(where, node.condition(), width, "  "));
    if (diagnosis.code().isEmpty()) {
      boolean again = node.condition().equals(Condition.RETRYING.toString());
      String begin = again && !node.next().isEmpty() ? "last heard: " : NOTHING_WRONG;
      text.append(Paint.wrapped(begin, BmcOfNode.shown(node.evidence()), width, "  "));
      return text.append(next(node, width)).toString();
    }
    String why = BmcOfNode.shown(diagnosis.why());
    text.append(Paint.wrapped(diagnosis.code() + ": ", why, width, "  "));
    list(text, "evidence:", "", diagnosis.evidence(), width);
    list(text, "likely, the first most:", "- ", diagnosis.causes(), width);
    list(text, "try:", "> ", diagnosis.tries(), width);
    String next = next(node, width);
    return text.append(next.isEmpty() ? "" : "\n").append(next).toString();
  }

  private static String seconds(String at) {
    return Instant.parse(at).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String next(NodeStatus node, int width) {
    String shown = BmcOfNode.shown(node.next());
    return shown.isEmpty() ? "" : Paint.wrapped("the appliance itself: ", shown, width, "  ");
  }

  /** What the cluster waits for there, a line each. */
  static String ofPhases(List<PhaseStatus> phases, FleetStatus status, int width) {
    StringBuilder text = new StringBuilder(phases.isEmpty() ? "" : "\n");
    for (PhaseStatus phase : phases) {
      text.append(Paint.wrapped("", PhaseLine.of(phase, status), width, "  "));
    }
    return text.toString();
  }

  /** What is wrong with the appliance itself, which may be why a node is stuck; else nothing. */
  static String ofAppliance(Diagnosis own, int width) {
    if (own.code().isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n");
    text.append(Paint.wrapped(own.code() + ": ", BmcOfNode.shown(own.why()), width, "  "));
    list(text, "try first:", "> ", own.tries(), width);
    return text.toString();
  }

  private static void list(
      StringBuilder text, String head, String mark, List<String> lines, int width) {
    text.append('\n').append(head).append('\n');
    String indent = "  " + " ".repeat(mark.length());
    for (String line : lines) {
      text.append("  ").append(Paint.wrapped(mark, BmcOfNode.shown(line), width, indent));
    }
  }
}
