// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.report;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.hardware.Erased;
import foundrybot.appliance.hardware.Inspection;
import foundrybot.appliance.report.ClusterReport.Artifact;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a report says beside the plan and the journal.
 *
 * @param product its name and version
 * @param clusterId of the key that signs
 * @param given what each node was given
 * @param program SHA-256 of the boot program of a name, as it is served; empty if there is none
 * @param leases the addresses that a node has leased
 * @param inspected what a node's machine was found to be made of last
 * @param erased what came of a node's last erasure
 */
public record Sources(
    String product,
    String clusterId,
    Function<Node, Given> given,
    Function<String, String> program,
    Function<Node, List<String>> leases,
    Function<Node, Optional<Inspection>> inspected,
    Function<Node, Optional<Erased>> erased) {
  /**
   * What a run was given.
   *
   * @param run 0: of no run, it is what the node would be given now
   * @param plan digest of all of it; empty if it is not known
   */
  public record Given(int run, List<Artifact> artifacts, String plan) {
    public Given {
      artifacts = List.copyOf(artifacts);
    }
  }
}
