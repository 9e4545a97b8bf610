// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.FirmwareRule;
import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootStyle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the boot policy would do for a machine, and why, without a running appliance. */
public final class Explanation {
  private static final int LABEL = 10;

  private Explanation() {}

  /**
   * The decision in lines for people.
   *
   * @throws StartException if a boot program is missing or not the expected one
   */
  public static List<String> of(
      RackFile rack, FirmwareTable firmware, Optional<Path> programFolder, BootClient client) {
    BootDecision decision = BootAnswers.of(rack, firmware, programFolder).decide(client);
    Optional<Node> node = rack.node(new Mac(client.mac().bits()));
    FirmwareTable.Choice choice = firmware.choose(client, node.map(Node::name));
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            "machine",
            client.mac()
                + node.map(n -> ", node " + n.name() + ", role " + n.role().name())
                    .orElse(", not in the rack file")));
    lines.add(
        line(
            "says",
            "architecture "
                + client.architecture().code()
                + " ("
                + client.architecture().name()
                + "), class "
                + client.vendorClass()
                + ", "
                + client.program().name().toLowerCase(Locale.ROOT)));
    if (!choice.client().architecture().equals(client.architecture())) {
      lines.add(
          line(
              "taken as",
              choice.client().architecture().code()
                  + " ("
                  + choice.client().architecture().name()
                  + ")"));
    }
    for (FirmwareRule rule : choice.rules()) {
      lines.add(line("row", rule.name() + (rule.reason().isEmpty() ? "" : ": " + rule.reason())));
    }
    switch (decision) {
      case BootDecision.Ignore _ -> lines.add(line("answer", "none"));
      case BootDecision.Program program -> {
        lines.add(line("answer", "boot program " + program.file() + " over TFTP"));
        program.style().ifPresent(style -> lines.add(line("written", words(style))));
      }
      case BootDecision.Url to -> {
        lines.add(line("answer", "URL " + to.url()));
        to.style().ifPresent(style -> lines.add(line("written", words(style))));
      }
    }
    lines.add(line("because", decision.reason()));
    return lines;
  }

  private static String words(BootStyle style) {
    return "option 43 "
        + style.vendorOptions().name().toLowerCase(Locale.ROOT).replace('_', '-')
        + (style.bootFileOption() ? "; boot file in option 67, too" : "")
        + (style.serverNameOption() ? "; server in option 66, too" : "")
        + (style.classWithLease() ? "; option 60 also with a lease" : "");
  }

  private static String line(String label, String text) {
    return label + " ".repeat(LABEL - label.length()) + text;
  }
}
