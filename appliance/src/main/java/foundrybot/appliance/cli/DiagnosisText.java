// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.appliance.FleetStatus.NodeStatus;
import foundrybot.appliance.lifecycle.Diagnosis;
import java.util.List;

/** What is known of why a node is stuck, on paper: the same wherever it is shown. */
final class DiagnosisText {
  private DiagnosisText() {}

  /** The whole diagnosis, in lines of that width. */
  static String of(NodeStatus node, int width) {
    Diagnosis diagnosis = node.diagnosis();
    StringBuilder text = new StringBuilder();
    String where = node.name() + " is at " + node.stage() + " since " + node.since() + ", ";
    text.append(Paint.wrapped(where, node.condition(), width, "  "));
    if (diagnosis.code().isEmpty()) {
      String heard = BmcOfNode.shown(node.evidence());
      return text.append(Paint.wrapped("nothing is wrong; last heard: ", heard, width, "  "))
          .toString();
    }
    String why = BmcOfNode.shown(diagnosis.why());
    text.append(Paint.wrapped(diagnosis.code() + ": ", why, width, "  "));
    list(text, "evidence:", "", diagnosis.evidence(), width);
    list(text, "likely, the first most:", "- ", diagnosis.causes(), width);
    list(text, "try:", "> ", diagnosis.tries(), width);
    if (!node.next().isEmpty()) {
      text.append('\n').append(Paint.wrapped("the appliance itself: ", node.next(), width, "  "));
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
