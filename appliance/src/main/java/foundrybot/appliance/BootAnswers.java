// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.MacAddress;
import foundrybot.ipxe.BootPrograms;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;

/** What a rack's machines are answered, by the policy of the wire, without a running appliance. */
public final class BootAnswers {
  /** Locally administered; answered like a machine of the rack that no row of a table names. */
  private static final Mac NOBODY = new Mac(0x02_00_00_00_00_01L);

  private final BootPrograms.Loaded programs;
  private final FleetBootPolicy policy;
  private final RackFile rack;
  private final MacAddress guest;

  private BootAnswers(
      BootPrograms.Loaded programs, FleetBootPolicy policy, RackFile rack, MacAddress guest) {
    this.programs = programs;
    this.policy = policy;
    this.rack = rack;
    this.guest = guest;
  }

  /**
   * Reads the boot programs.
   *
   * @throws StartException if one is missing or not the expected one
   */
  public static BootAnswers of(
      RackFile rack, FirmwareTable firmware, Optional<Path> programFolder) {
    BootPrograms.Loaded programs = Appliance.programs(rack, firmware, programFolder);
    Fleet fleet = new Fleet(rack, Instant.EPOCH);
    fleet.invite(NOBODY);
    return new BootAnswers(
        programs,
        new FleetBootPolicy(
            fleet,
            programs,
            () -> firmware,
            _ -> false,
            !Appliance.signedPrograms(programFolder).isEmpty(),
            rack.appliance().ports()),
        rack,
        Answers.mac(NOBODY));
  }

  public BootDecision decide(BootClient client) {
    return policy.decide(client, addressFor(rack.node(new Mac(client.mac().bits()))));
  }

  /** Where a node's own address does not tell its network, the appliance's first is as good. */
  public Inet4Address addressFor(Optional<Node> node) {
    return node.flatMap(Node::address)
        .flatMap(cidr -> rack.appliance().networkOf(cidr.address()))
        .flatMap(RackNetwork::address)
        .orElse(rack.appliance().address());
  }

  /** A machine that is none, and is answered as any that the rack file does not describe. */
  public MacAddress guest() {
    return guest;
  }

  /** The name of some program that the appliance hands out. */
  public String aProgram() {
    return new TreeSet<>(programs.byName().keySet()).first();
  }
}
