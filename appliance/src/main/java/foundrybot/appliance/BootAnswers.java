// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.ipxe.BootPrograms;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/** What a rack's machines are answered, by the policy of the wire, without a running appliance. */
public final class BootAnswers {
  private final BootPrograms.Loaded programs;
  private final FleetBootPolicy policy;
  private final RackFile rack;

  private BootAnswers(BootPrograms.Loaded programs, FleetBootPolicy policy, RackFile rack) {
    this.programs = programs;
    this.policy = policy;
    this.rack = rack;
  }

  /**
   * Reads the boot programs.
   *
   * @throws StartException if one is missing or not the expected one
   */
  public static BootAnswers of(
      RackFile rack, FirmwareTable firmware, Optional<Path> programFolder) {
    BootPrograms.Loaded programs = Appliance.programs(rack, firmware, programFolder);
    int port = rack.appliance().ports().http();
    return new BootAnswers(
        programs,
        new FleetBootPolicy(
            new Fleet(rack, Instant.EPOCH),
            programs,
            () -> firmware,
            _ -> false,
            !Appliance.signedPrograms().isEmpty(),
            port),
        rack);
  }

  public BootDecision decide(BootClient client) {
    return policy.decide(client, addressFor(rack, rack.node(new Mac(client.mac().bits()))));
  }

  /** Where a node's own address does not tell its network, the appliance's first is as good. */
  private static Inet4Address addressFor(RackFile rack, Optional<Node> node) {
    return node.flatMap(Node::address)
        .flatMap(
            cidr ->
                rack.appliance().networks().stream()
                    .filter(network -> network.subnet().contains(cidr.address()))
                    .findFirst())
        .flatMap(RackNetwork::address)
        .orElse(rack.appliance().address());
  }

  /** The name of some program that the appliance hands out. */
  public String aProgram() {
    return new TreeSet<>(programs.byName().keySet()).first();
  }
}
