// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.cli.Main;
import foundrybot.appliance.cli.StatusTable;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A rack of simulated nodes that report their checks to a real appliance, over its HTTPS. */
class GateRoutesTest {
  private static final String REFUSED = encoded("refused");

  private LoopbackAppliance appliance;
  private final Map<String, NodeKeys> keys = new HashMap<>();
  private String cluster = "";

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance =
        new LoopbackAppliance(folder)
            .secure()
            .mesh(
                """
                { planes: { control: 10.80.1.0/24 } }
                phases:
                  etcd: { roles: [etcd], checks: { client: { port: 2379 on wg1 } } }
                  control-plane:
                    roles: [control-plane]
                    deadline: 3m
                    checks: { api: { port: 6443 on wg1 } }
                  workers: { roles: [worker] }
                """)
            .entry("52:54:00:bb:00:01", "{ role: etcd, name: etcd-1, endpoint: 127.0.0.9 }")
            .entry("52:54:00:bb:00:02", "{ role: control-plane, name: cp-1, endpoint: 127.0.0.9 }")
            .entry("52:54:00:bb:00:03", "{ role: control-plane, name: cp-2, endpoint: 127.0.0.9 }")
            .entry("52:54:00:bb:00:04", "{ role: worker, name: w1, endpoint: 127.0.0.9 }");
    appliance.start();
    cluster = ClusterKey.open(appliance.data(), true).id();
    for (int i = 1; i <= 4; i++) {
      String name = List.of("etcd-1", "cp-1", "cp-2", "w1").get(i - 1);
      Machine machine = new Machine(appliance, "52:54:00:bb:00:0" + i).install();
      NodeKeys own = NodeKeys.made();
      keys.put(name, own);
      String request = own.request(cluster, name, 0, seconds());
      assertEquals(200, appliance.postSecurely(machine.path("mesh"), request).status());
      assertEquals(200, machine.enroll().status());
    }
  }

  @AfterEach
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
  }

  private NodeKeys keysOf(String node) {
    return Optional.ofNullable(keys.get(node)).orElseThrow();
  }

  private long seconds() {
    return appliance.clock.instant().getEpochSecond();
  }

  private Heard reports(String node, String... checks) {
    String report = keysOf(node).gateReport(cluster, node, seconds(), checks);
    return appliance.postSecurely("/mesh/" + node + "/gates", report);
  }

  private String answer(String node, String... checks) {
    Heard heard = reports(node, checks);
    assertEquals(200, heard.status(), heard.text());
    return heard.text();
  }

  private String table() {
    return StatusTable.of(appliance.appliance().status(), appliance.clock.instant(), 160);
  }

  @Test
  void aHeldNodeIsHeardSoThatItsPhaseStaysDone() {
    answer("etcd-1", "client passed ");
    assertEquals(
        200,
        appliance
            .send(appliance.asOperator("nodes/etcd-1/hold").POST(BodyPublishers.ofString("a disk")))
            .status());
    for (int i = 0; i < 7; i++) {
      minute();
      assertEquals("open\n", answer("etcd-1", "client passed "));
    }
    assertEquals("open\n", answer("cp-1", "api passed "));
    assertTrue(table().contains("phase 1/3 etcd: done"), this::table);
    String request = keysOf("etcd-1").request(cluster, "etcd-1", 0, seconds());
    assertEquals(503, appliance.postSecurely("/mesh/etcd-1", request).status());
  }

  @Test
  void phasesOpenOneAfterTheOtherAndOneThatFailsBlocksThem() {
    assertEquals("open\n", answer("etcd-1", "client failed " + REFUSED));
    assertEquals("closed\nphase 1 etcd: 0 of 1 ready, needs 1\n", answer("cp-1", "api passed "));
    assertTrue(
        table().contains("phase 1/3 etcd: running, 0 of 1 ready; waits for etcd-1 (port 2379"),
        this::table);

    minute();
    answer("etcd-1", "client passed ");
    assertEquals("open\n", answer("cp-1", "api passed "));
    String since = appliance.clock.instant().toString();
    for (int i = 0; i < 4; i++) {
      assertEquals("open\n", answer("cp-2", "api failed " + REFUSED, "old-name failed "));
      answer("cp-1", "api passed " + encoded("attempt " + i));
      answer("etcd-1", "client passed ");
      minute();
    }
    assertEquals("closed\nphase 2 control-plane: 1 of 2 ready, needs 2\n", answer("w1"));
    assertEquals(3, appliance.appliance().status().exitStatus());
    String line =
        "phase 2/3 control-plane: BLOCKED by cp-2 (port 6443 on wg1: refused, since "
            + since.substring(0, 16);
    assertTrue(table().contains(line), this::table);
    assertTrue(table().contains("phase 3/3 workers: waiting, 1 of 1 ready"), this::table);
    JsonNode why = appliance.statusJson("52:54:00:bb:00:03").get("diagnosis");
    assertEquals("check-failed", why.get("code").asString());
    assertEquals("[\"" + since + " check api failed: refused\"]", why.get("evidence").toString());
    assertTrue(table().contains("cp-2 is enrolled: it does not prove its role: port"), this::table);
    String data = appliance.data().toString();
    assertEquals(3, Main.run("why", "cp-2", "--data", data));
    assertEquals(0, Main.run("why", "cp-1", "--data", data));

    String words = encoded("no handshake with any of 3 peers on wg1, such as 10.80.1.1/32 by x");
    answer("cp-2", "api failed " + words);
    minute();
    answer("cp-2", "api failed " + words);
    JsonNode mesh = appliance.statusJson("52:54:00:bb:00:03").get("diagnosis");
    assertEquals("no-handshake", mesh.get("code").asString(), mesh::toString);

    answer("cp-2", "api passed ");
    assertEquals(
        "", appliance.statusJson("52:54:00:bb:00:03").get("diagnosis").get("code").asString());
    assertEquals("open\n", answer("w1"));
    assertEquals(0, appliance.appliance().status().exitStatus(), this::table);
    // Only what changed was written down, and nothing of a check that the phase has not.
    assertEquals(
        List.of("gate.failed api refused", "gate.passed api"),
        appliance.events("cp-2").stream().filter(it -> it.startsWith("gate.")).sorted().toList());
    assertEquals(
        List.of("gate.passed api"),
        appliance.events("cp-1").stream().filter(it -> it.startsWith("gate.")).toList());
  }

  private void minute() {
    appliance.clock.pass(Duration.ofMinutes(1));
  }

  @Test
  void aNodeSpeaksOfItselfAlone() {
    String own = keysOf("cp-1").gateReport(cluster, "cp-1", seconds(), "api passed ");
    assertEquals(403, appliance.postSecurely("/mesh/cp-2/gates", own).status());
    String forged = keysOf("cp-1").gateReport(cluster, "cp-2", seconds(), "api passed ");
    Heard heard = appliance.postSecurely("/mesh/cp-2/gates", forged);
    assertEquals("identity: not the one that cp-2 has sent with its token\n", heard.text());
    assertEquals(200, appliance.postSecurely("/mesh/cp-1/gates", own).status());
    Heard again = appliance.postSecurely("/mesh/cp-1/gates", own);
    assertTrue(again.text().startsWith("nonce: this request was heard before"), again::text);
    assertEquals(400, appliance.postSecurely("/mesh/cp-1/gates", "x\n").status());
    assertEquals(404, appliance.postSecurely("/mesh/none/gates", own).status());
  }
}
