// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.FirmwareFiles;
import foundrybot.answerfiles.FirmwareReading;
import foundrybot.answerfiles.FirmwareRule;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.FirmwareTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The user's firmware table, which lies beside the rack file and may be absent. */
record FirmwareSource(Path path) {
  static FirmwareSource beside(Path rack) {
    return new FirmwareSource(rack.resolveSibling("firmware.yaml"));
  }

  /**
   * The table in force with this rack file.
   *
   * @throws UserException with all its faults
   */
  FirmwareTable require(RackFile rack) {
    if (!Files.exists(path)) {
      return FirmwareTable.builtIn();
    }
    return switch (FirmwareFiles.read(
        new RackSource(path).text("write one (docs/firmware.md)"), String.valueOf(path))) {
      case FirmwareReading.Invalid invalid ->
          throw new UserException(
              Main.FAILED,
              path
                  + ": "
                  + RackSource.count(invalid.faults())
                  + "\n"
                  + RackSource.lines(invalid.faults()));
      case FirmwareReading.Valid valid -> {
        requireNodes(valid.rules(), rack);
        yield FirmwareTable.with(valid.rules());
      }
    };
  }

  private void requireNodes(List<FirmwareRule> rules, RackFile rack) {
    Set<String> known = rack.nodes().stream().map(Node::name).collect(Collectors.toSet());
    for (FirmwareRule rule : rules) {
      Set<String> unknown = new TreeSet<>(rule.nodes());
      unknown.removeAll(known);
      if (!unknown.isEmpty()) {
        throw new UserException(
            Main.FAILED,
            path
                + ": rules."
                + rule.name()
                + ".nodes: "
                + String.join(", ", unknown)
                + " (expected: names of the rack file's nodes)");
      }
    }
  }
}
