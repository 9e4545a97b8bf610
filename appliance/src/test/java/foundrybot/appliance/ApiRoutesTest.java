// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ApiRoutesTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder);
    appliance.node(MAC, "w1", "debian-12").node(OTHER, "w2", "debian-12").start();
    machine = new Machine(appliance, MAC);
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  @Test
  void nothingIsToldOrDoneWithoutTheOperatorsCredential() throws Exception {
    machine.install();
    for (String path :
        List.of("status", "nodes/w1/events", "nodes/w1/reinstall", "nodes/none/events", "x")) {
      for (String credential :
          List.of("", "Bearer", "Bearer ", "Bearer " + "0".repeat(64), "Basic b3BzOm9wcw==")) {
        for (String method : List.of("GET", "POST")) {
          HttpRequest.Builder request =
              HttpRequest.newBuilder(appliance.uri("/api/v1/" + path))
                  .method(method, BodyPublishers.noBody());
          if (!credential.isEmpty()) {
            request.header("Authorization", credential);
          }
          Heard answer = appliance.send(request);
          assertEquals(401, answer.status(), method + " " + path + " '" + credential + "'");
          assertEquals("operator token required\n", answer.text());
        }
      }
    }
    assertEquals("installed", machine.stage());
    Path token = appliance.data().resolve("operator.token");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token)));
  }

  @Test
  void theStatusNamesEachNodeInTheOrderOfTheRackFile() {
    appliance.clock.pass(Duration.ofSeconds(30));
    machine.fetchToken();
    Instant scriptAt = appliance.clock.instant();
    appliance.clock.pass(Duration.ofSeconds(30));
    assertEquals(200, machine.get("report/partitioned").status());

    JsonNode status = appliance.statusJson();
    assertEquals("alpha", status.get("cluster").asString());
    assertFalse(status.get("complete").asBoolean());
    assertEquals("", status.get("rackFault").asString());
    assertEquals(0, status.get("strangers").size());
    assertEquals(2, status.get("nodes").size());

    JsonNode first = status.get("nodes").get(0);
    assertEquals("w1", first.get("name").asString());
    assertEquals(MAC, first.get("mac").asString());
    assertEquals("worker", first.get("role").asString());
    assertEquals("debian-12", first.get("profile").asString());
    assertEquals("script", first.get("stage").asString());
    assertEquals("ok", first.get("condition").asString());
    assertEquals(scriptAt.toString(), first.get("since").asString());
    assertFalse(first.get("evidence").asString().isBlank());
    assertEquals(appliance.clock.instant().toString(), first.get("evidenceAt").asString());
    assertEquals(1, first.get("run").asInt());
    assertEquals(1, first.get("attempt").asInt());
    assertEquals("", first.get("why").asString());

    JsonNode second = status.get("nodes").get(1);
    assertEquals(OTHER, second.get("mac").asString());
    assertEquals("planned", second.get("stage").asString());
    assertEquals("waiting", second.get("condition").asString());
    assertEquals("nothing heard yet", second.get("evidence").asString());
  }

  @Test
  void theClusterIsCompleteWhenTheLastNodeHasEnrolled() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    assertFalse(appliance.statusJson().get("complete").asBoolean());
    Machine other = new Machine(appliance, OTHER).install();
    assertEquals(200, other.enroll().status());
    assertTrue(appliance.statusJson().get("complete").asBoolean());
  }

  @Test
  void aNodeThatFallsSilentIsStuckWithAReasonAndACure() {
    machine.fetchToken();
    appliance.clock.pass(Duration.ofMinutes(4));
    JsonNode node = appliance.statusJson(MAC);
    assertEquals("stuck", node.get("condition").asString());
    assertFalse(node.get("why").asString().isBlank());
    assertFalse(node.get("tryNext").asString().isBlank());
    assertEquals("waiting", appliance.statusJson(OTHER).get("condition").asString());
  }

  @Test
  void aNodesEventsAreItsOwnInTheirOrder() {
    machine.install();
    assertEquals(200, new Machine(appliance, OTHER).install().enroll().status());
    List<String> kinds =
        appliance.events("w1").stream()
            .map(line -> line.substring(0, line.indexOf(' ')))
            .filter(kind -> !kind.startsWith("http."))
            .toList();
    assertEquals(
        List.of("token.minted", "token.used", "report.installer-started", "report.installed"),
        kinds);
  }

  @Test
  void aNodeOutsideTheRackFileAndAPathOutsideTheTableAreNotThere() {
    for (String path :
        List.of("nodes/none/events", "nodes/w1/secrets", "nodes/w1", "nodes", "", "status/x")) {
      assertEquals(404, appliance.send(appliance.asOperator(path)).status(), path);
    }
    assertEquals(404, appliance.send(appliance.asOperator("nodes/w1/reinstall")).status());
    assertEquals(
        404,
        appliance
            .send(appliance.asOperator("nodes/none/reinstall").POST(BodyPublishers.noBody()))
            .status());
  }
}
