// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import foundrybot.redfish.HardwareAddress;
import foundrybot.rig.bmc.BmcFleet;
import foundrybot.rig.bmc.BmcFleet.Member;
import foundrybot.rig.bmc.PoweredMachine;
import foundrybot.rig.bmc.ThreadLoad;
import foundrybot.rig.sim.SimulatedRack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A BMC for each machine of a demo, as racks of several vendors have them, with a password of its
 * own. Their machines exist later than they do, since a rack file has to name the BMCs.
 */
final class DemoBmcs implements AutoCloseable {
  private final BmcFleet fleet;
  private final List<ThreadLoad> loads;

  private DemoBmcs(BmcFleet fleet, List<ThreadLoad> loads) {
    this.fleet = fleet;
    this.loads = loads;
  }

  /** As racks are that are installed through BMCs: the disk comes first, unless one is told. */
  static ThreadLoad load(int number) {
    return new ThreadLoad("machine-" + number, () -> {}, false);
  }

  /** Starts them; all machines are off. */
  static DemoBmcs start(int nodes, long seed) {
    return start(BmcFleet.Plan.of(nodes, seed).withFaults(0, List.of()));
  }

  /** The same of another kind; its machines are those of a demo. */
  static DemoBmcs start(BmcFleet.Plan plan) {
    List<ThreadLoad> loads = IntStream.range(0, plan.count()).mapToObj(DemoBmcs::load).toList();
    return new DemoBmcs(BmcFleet.start(plan.with(DemoBmcs::plate, loads::get)), loads);
  }

  /** What is printed on the machine with that number. */
  static PoweredMachine.Plate plate(int number) {
    String mac = DemoRack.mac(number);
    return new PoweredMachine.Plate(
        SimulatedRack.uuid(mac), "DEMO" + number, List.of(new HardwareAddress(mac)));
  }

  /** Writes the passwords, and says what stands in the rack file for each node. */
  List<String> describe(Path folder) {
    try {
      Path passwords = Files.createDirectories(folder.resolve("bmc-passwords"));
      for (Member member : fleet.members()) {
        Files.writeString(
            passwords.resolve("bmc-" + member.number()),
            member.credentials().password().reveal() + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written: " + e.getMessage(), e);
    }
    return fleet.members().stream()
        .map(
            member ->
                "{ url: \"%s\", user: %s, password-file: bmc-passwords/bmc-%d, trust: \"sha256:%s\" }"
                    .formatted(
                        member.bmc().url(),
                        member.credentials().user(),
                        member.number(),
                        member.bmc().fingerprint().orElseThrow()))
        .toList();
  }

  /** Plugs the machines in. */
  void plugIn(SimulatedRack rack) {
    for (int i = 0; i < loads.size(); i++) {
      loads.get(i).plugIn(rack.nodes().get(i));
    }
  }

  /** Whose trees and oddities they have. */
  List<String> personalities() {
    return fleet.members().stream().map(m -> m.personality().name()).distinct().sorted().toList();
  }

  List<Member> members() {
    return fleet.members();
  }

  /** Whether no machine does anything (any more). */
  boolean areAtRest() {
    return loads.stream().noneMatch(ThreadLoad::isRunning);
  }

  /** Pulls all plugs. */
  @Override
  public void close() {
    fleet.close();
  }
}
