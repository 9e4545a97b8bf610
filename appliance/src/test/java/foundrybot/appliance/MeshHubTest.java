// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.images.cast.FirstBoot;
import foundrybot.images.cast.MeshClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plane with a hub, in namespaces: what its other nodes say to each other goes through it, and it
 * forwards only what their roles need, whatever the node at the other end would take.
 */
@Tag("slow")
class MeshHubTest {
  private static final String MACS = "52:54:00:bb:00:0";
  private static final List<String> ROLES = List.of("hub", "worker", "monitor");
  private static final int EXPORTER = 9100;
  private static final int OTHER = 9101;
  private static final String WORKER = "10.80.1.2";

  private final String bridge = "fbh" + ProcessHandle.current().pid() % 100_000;
  private final String net = "10.232." + ProcessHandle.current().pid() % 250;
  private final List<MeshNode> nodes = new ArrayList<>();
  private final List<Process> servers = new ArrayList<>();

  @TempDir Path folder = Path.of("");
  private LoopbackAppliance appliance;

  @BeforeEach
  void start() throws IOException {
    MeshNode.host(
        "ip link add %1$s type bridge && ip addr add %2$s.1/24 dev %1$s && ip link set %1$s up"
            .formatted(bridge, net));
    appliance =
        new LoopbackAppliance(folder, net + ".1/24")
            .castArtifacts()
            .secure()
            .mesh("{ planes: { control: { subnet: 10.80.1.0/24, topology: hub } } }");
    for (int i = 1; i <= ROLES.size(); i++) {
      appliance.entry(
          MACS + i,
          "{ role: %s, name: n%d, profile: debian-12-cast, endpoint: %s.%d }"
              .formatted(ROLES.get(i - 1), i, net, 10 + i));
    }
    appliance.start();
    followClock();
    for (int i = 1; i <= ROLES.size(); i++) {
      plug(i);
    }
    // The first ones learn of the last.
    followClock();
    nodes.forEach(node -> assertEquals(0, node.mesh("poll").status()));
  }

  /** The nodes' clocks are real. */
  private void followClock() {
    appliance.clock.pass(Duration.between(appliance.clock.instant(), Instant.now()));
  }

  private void plug(int number) throws IOException {
    MeshNode node = new MeshNode(folder, "n" + number, "dash", bridge, net + "." + (10 + number));
    nodes.add(node);
    node.install(appliance, new Machine(appliance, MACS + number), MeshClient.script());
    MeshNode.Ran ran = node.firstBoot(FirstBoot.script());
    assertEquals(0, ran.status(), ran::said);
  }

  @AfterEach
  void stop() {
    servers.forEach(Process::destroy);
    nodes.forEach(MeshNode::close);
    appliance.close();
    MeshNode.host("ip link del " + bridge);
    assertEquals(List.of(), appliance.fatal);
  }

  private static boolean reaches(MeshNode from, int port) {
    return from.run("timeout 3 bash -c '</dev/tcp/%s/%d' 2>/dev/null".formatted(WORKER, port))
            .status()
        == 0;
  }

  @Test
  void theHubForwardsWhatRolesNeedAndDropsAllElseBetweenItsPeers() throws Exception {
    MeshNode hub = nodes.get(0);
    MeshNode worker = nodes.get(1);
    MeshNode monitor = nodes.get(2);
    for (int port : new int[] {EXPORTER, OTHER}) {
      servers.add(worker.begin("exec busybox nc -ll -p " + port + " -e true"));
    }
    worker.in("i=0; until [ $(ss -Htln | grep -c :910) = 2 ]; do i=$((i+1)); [ $i -lt 50 ]; done");
    assertEquals(1, monitor.in("wg show wg1 peers").lines().count(), "the hub alone is its peer");
    assertTrue(reaches(monitor, EXPORTER), "what monitors need");

    // A node without a firewall of its own is no way around the hub's.
    worker.in("nft flush ruleset");
    assertTrue(reaches(monitor, EXPORTER));
    assertFalse(reaches(monitor, OTHER), "what nobody has asked for");
    hub.in("nft flush ruleset");
    assertTrue(reaches(monitor, OTHER), "it was the hub that dropped it");
  }
}
