// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.HardwareReports.ErasedNode;
import foundrybot.appliance.HardwareReports.Inspected;
import foundrybot.appliance.hardware.Differences;
import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.hardware.KeptReports;
import foundrybot.appliance.lifecycle.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What machines have reported of their hardware, and how that stands to what is known else.
 *
 * @param inspections what they are made of
 * @param erasures what they have overwritten
 */
record KeptHardware(
    Fleet fleet, KeptReports<Inspection> inspections, KeptReports<Erased> erasures) {
  static KeptHardware in(Path data, Fleet fleet) {
    return new KeptHardware(fleet, KeptReports.inspections(data), KeptReports.erasures(data));
  }

  /**
   * What a node's machine is made of; empty if it was never inspected.
   *
   * @throws IOException if that cannot be read
   */
  Optional<Inspected> inspected(Node node) throws IOException {
    return inspections
        .of(node.mac())
        .map(
            last ->
                new Inspected(
                    node.name(),
                    node.mac().toString(),
                    last.at(),
                    last.inventory(),
                    Differences.of(
                        node,
                        last.inventory(),
                        told -> !fleet.state(node.mac()).identity().fits(told))));
  }

  /**
   * What came of a node's last erasure; empty if none has reported.
   *
   * @throws IOException if that cannot be read
   */
  Optional<ErasedNode> erased(Node node) throws IOException {
    boolean still = fleet.state(node.mac()).stage() == Stage.ERASED;
    return erasures
        .of(node.mac())
        .map(
            last ->
                new ErasedNode(
                    node.name(),
                    node.mac().toString(),
                    last.at(),
                    last.fault(),
                    still,
                    last.report()));
  }
}
