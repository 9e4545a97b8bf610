// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
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
  private static final int EXPORTER = 9100;
  private static final int OTHER = 9101;
  private static final String WORKER = "10.80.1.2";

  private static final String DIRECTLY = "asks directly, as over wg1 by 10.80.1.1 no appliance";
  private static final String BY_MESH = "asks over wg1, by 10.80.1.1";

  private final List<MeshNode> nodes = new ArrayList<>();
  private final List<Process> servers = new ArrayList<>();

  @TempDir Path folder = Path.of("");
  private MeshRack rack;

  @BeforeEach
  void start() throws IOException {
    rack =
        new MeshRack(
            folder,
            232,
            "{ planes: { control: { subnet: 10.80.1.0/24, topology: hub } }, relay: on }",
            List.of("hub", "worker", "monitor"));
    for (int i = 1; i <= 3; i++) {
      nodes.add(rack.plugged(i, "dash"));
    }
    // The first ones learn of the last.
    rack.followClock();
    nodes.forEach(node -> assertEquals(0, node.mesh("poll").status()));
  }

  @AfterEach
  void stop() {
    servers.forEach(Process::destroy);
    rack.close();
  }

  private static boolean reaches(MeshNode from, int port) {
    return from.run("timeout 3 bash -c '</dev/tcp/%s/%d' 2>/dev/null".formatted(WORKER, port))
            .status()
        == 0;
  }

  /** One set-up for both, as it takes most of the time. */
  @Test
  void theHubPassesOnWhatItShouldAndNothingElse() throws Exception {
    nodesPollByTheHubWhichCanOnlyPassOnWhatItDoesNotUnderstand();
    theHubForwardsWhatRolesNeedAndDropsAllElseBetweenItsPeers();
  }

  private void theHubForwardsWhatRolesNeedAndDropsAllElseBetweenItsPeers() throws Exception {
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

  private static void polls(MeshRack rack, MeshNode node, String way) {
    MeshNode.Ran ran = rack.polled(node);
    assertEquals(0, ran.status(), ran::said);
    assertTrue(ran.said().contains(way), ran::said);
  }

  private void nodesPollByTheHubWhichCanOnlyPassOnWhatItDoesNotUnderstand() throws Exception {
    MeshNode hub = nodes.get(0);
    MeshNode worker = nodes.get(1);
    // Whatever the worker says to the appliance goes through the mesh, or nowhere.
    worker.in(
        """
        rm -f /run/foundrybot-mesh.way
        nft add table inet cut
        nft add chain inet cut out '{ type filter hook output priority 0; }'
        nft add rule inet cut out ip daddr %s.1 drop
        """
            .formatted(rack.net));
    polls(rack, worker, BY_MESH);
    String said = rack.polled(worker).said();
    assertFalse(said.contains("asks "), said);
    worker.in("nft delete table inet cut");

    // Only at the address of the mesh, and only what comes by it.
    assertEquals("10.80.1.1:7443\n", hub.in("ss -Htln | awk '$4 ~ /:7443$/ { print $4 }'"));
    hub.in("kill $(sed -n 2p /run/foundrybot-relay)");
    polls(rack, worker, DIRECTLY);

    // One that answers in the appliance's place is not believed, and hears no request.
    hub.in(
        "cd %s; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x"
                .formatted(hub.file(""))
            + " -addext subjectAltName=IP:%s.1 -keyout own.key -out own.crt 2>/dev/null"
                .formatted(rack.net));
    servers.add(
        hub.begin(
            "cd %s; exec openssl s_server -accept 10.80.1.1:7443 -key own.key -cert own.crt"
                .formatted(hub.file(""))));
    hub.in("i=0; until ss -Htln | grep -q :7443; do i=$((i+1)); [ $i -lt 50 ]; sleep 0.1; done");
    worker.in("rm -f /run/foundrybot-mesh.way");
    polls(rack, worker, DIRECTLY);
    servers.removeLast().destroy();
    hub.in("i=0; while ss -Htln | grep -q :7443; do i=$((i+1)); [ $i -lt 50 ]; sleep 0.1; done");

    // The hub's next poll starts it again.
    assertTrue(rack.polled(hub).said().contains("passes on to the appliance what comes to"));
    polls(rack, worker, BY_MESH);
  }
}
