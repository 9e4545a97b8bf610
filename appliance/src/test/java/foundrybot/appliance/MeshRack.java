// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import foundrybot.images.cast.FirstBoot;
import foundrybot.images.cast.MeshClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A real appliance and nodes in namespaces, all on one bridge. */
final class MeshRack implements AutoCloseable {
  private static final String MACS = "52:54:00:bb:00:0";

  private final String bridge = "fbm" + ProcessHandle.current().pid() % 100_000;
  private final Path folder;
  private final List<MeshNode> nodes = new ArrayList<>();

  /** Its /24, without the last dot and what follows. */
  final String net;

  final LoopbackAppliance appliance;

  /**
   * Starts the appliance; no node is there yet.
   *
   * @param number of its network; that of no other test that may run now
   * @param mesh as the rack file says it
   * @param roles of the nodes n1, n2, ...
   */
  MeshRack(Path folder, int number, String mesh, List<String> roles) {
    this.folder = folder;
    this.net = "10." + number + "." + ProcessHandle.current().pid() % 250;
    MeshNode.host(
        "ip link add %1$s type bridge && ip addr add %2$s.1/24 dev %1$s && ip link set %1$s up"
            .formatted(bridge, net));
    appliance = new LoopbackAppliance(folder, net + ".1/24").castArtifacts().secure().mesh(mesh);
    for (int i = 1; i <= roles.size(); i++) {
      appliance.entry(
          MACS + i,
          "{ role: %s, name: n%d, profile: debian-12-cast, endpoint: %s.%d }"
              .formatted(roles.get(i - 1), i, net, 10 + i));
    }
    appliance.start();
    followClock();
  }

  /** The nodes' clocks are real. */
  void followClock() {
    appliance.clock.pass(Duration.between(appliance.clock.instant(), Instant.now()));
  }

  /**
   * A node that was installed and has joined.
   *
   * @param shell of its program, words before the script
   */
  MeshNode plugged(int number, String shell) throws IOException {
    MeshNode node = new MeshNode(folder, "n" + number, shell, bridge, net + "." + (10 + number));
    nodes.add(node);
    Machine machine = new Machine(appliance, MACS + number);
    node.install(appliance, machine, MeshClient.script());
    assertRan(node.firstBoot(FirstBoot.script()));
    assertEquals("enrolled", machine.stage());
    return node;
  }

  /** A minute later, as its own timer does; once more where an answer was lost on the way. */
  MeshNode.Ran polled(MeshNode node) {
    followClock();
    MeshNode.Ran ran = node.mesh("poll");
    return ran.said().contains(": no answer: ") ? node.mesh("poll") : ran;
  }

  static void assertRan(MeshNode.Ran ran) {
    assertEquals(0, ran.status(), ran::said);
  }

  @Override
  public void close() {
    nodes.forEach(MeshNode::close);
    appliance.close();
    MeshNode.host("ip link del " + bridge);
    assertEquals(List.of(), appliance.fatal);
  }
}
