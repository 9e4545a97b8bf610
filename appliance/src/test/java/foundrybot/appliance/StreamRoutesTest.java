// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.lifecycle.Diagnosis;
import foundrybot.appliance.live.Live;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class StreamRoutesTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void start(@TempDir Path folder) {
    appliance = new LoopbackAppliance(folder);
    appliance.node(MAC, "w1", "debian-12").start();
    machine = new Machine(appliance, MAC);
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  /** One event of the stream. */
  private record Told(String id, String event, JsonNode data) {}

  private final class Ear implements AutoCloseable {
    final Socket socket = new Socket(LoopbackAppliance.ADDRESS, appliance.port("http"));
    final BufferedReader in;
    String lastId = "";

    Ear(String parameters, String header) throws IOException {
      socket.setSoTimeout(20_000);
      String token = OperatorAccess.of(appliance.data).token();
      String request =
          "GET /api/v1/stream%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s\r\n"
              .formatted(parameters, token, header);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      assertEquals("HTTP/1.1 200 OK", in.readLine());
      while (!in.readLine().isEmpty()) {
        // Header fields have a test of their own.
      }
    }

    /** The next event that has data. */
    Told next() throws IOException {
      String event = "";
      String data = "";
      for (String line = in.readLine(); ; line = in.readLine()) {
        if (line.startsWith("id: ")) {
          lastId = line.substring(4);
        } else if (line.startsWith("event: ")) {
          event = line.substring(7);
        } else if (line.startsWith("data: ")) {
          data = line.substring(6);
        } else if (line.isEmpty() && !data.isEmpty()) {
          return new Told(lastId, event, JSON.readTree(data));
        }
      }
    }

    Told next(String event, String part) throws IOException {
      Told told = next();
      while (!told.event().equals(event) || !told.data().toString().contains(part)) {
        told = next();
      }
      return told;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void aListenerSeesAMachineGoItsWayAndNoToken() throws Exception {
    StringBuilder all = new StringBuilder();
    try (Ear ear = new Ear("", "")) {
      JsonNode first = ear.next("status", "w1").data();
      assertEquals(appliance.statusJson(MAC), first);
      String token = machine.fetchToken();
      Told minted = ear.next("fact", "token.minted");
      assertEquals("", minted.data().get("detail").asString());
      all.append(ear.next("status", "\"script\"").data());
      assertEquals(200, machine.get("report/installed").status());
      all.append(ear.next("fact", "report.installed").data());
      all.append(ear.next("status", "\"installed\"").data());
      assertFalse(all.toString().contains(token));
      appliance.clock.pass(Duration.ofHours(3));
      assertFalse(
          ear.next("status", "\"stuck\"").data().get("why").asString().isEmpty(),
          "time alone makes it stuck");
    }
  }

  @Test
  void thatLessTimeIsLeftIsNoChangeOfANode() {
    FleetStatus.NodeStatus first = installing(60, 7);
    assertEquals(state(first), state(installing(59, 7)));
    assertFalse(state(first).equals(state(installing(60, 8))), "more of it has come");
    JsonNode told = JSON.readTree(only(first).json().get());
    assertEquals(60, told.get("progress").get("secondsLeft").asInt());
  }

  private static Object state(FleetStatus.NodeStatus node) {
    return only(node).state();
  }

  private static Live.Node only(FleetStatus.NodeStatus node) {
    FleetStatus rack =
        new FleetStatus("alpha", false, List.of(node), List.of(), "", "", Map.of(), List.of());
    return StreamRoutes.nodes(() -> rack).getFirst();
  }

  private static FleetStatus.NodeStatus installing(long left, long done) {
    return new FleetStatus.NodeStatus(
        "w1",
        MAC,
        "worker",
        "debian-12",
        "installing",
        "ok",
        "2026-01-01T00:00:00Z",
        "heard",
        "2026-01-01T00:00:00Z",
        1,
        1,
        "",
        "",
        "none",
        "",
        false,
        "",
        "",
        "",
        Diagnosis.NONE,
        new NodeProgress("image", done, 100, left, List.of()),
        List.of(),
        Map.of());
  }

  @Test
  void aListenerThatWasCutOffMissesNoFact() throws Exception {
    String id;
    try (Ear ear = new Ear("?events=fact", "")) {
      machine.fetchToken();
      id = ear.next("fact", "token.minted").id();
    }
    assertEquals(200, machine.get("report/partitioned").status());
    appliance.stop();
    appliance.startAgain();
    assertEquals(200, machine.get("report/installed").status());
    try (Ear ear = new Ear("?events=fact", "Last-Event-ID: " + id + "\r\n")) {
      StringBuilder kinds = new StringBuilder();
      for (String kind = ""; !kind.equals("report.installed"); kinds.append(kind).append(' ')) {
        kind = ear.next().data().get("kind").asString();
        assertFalse(kind.equals("token.minted"), "that one was heard");
      }
      assertTrue(kinds.toString().contains("report.step"), kinds.toString());
    }
  }

  @Test
  void whatTheStreamCannotDoIsSaid() {
    for (String wish : new String[] {"?events=all", "?node=none", "?last-event-id=x"}) {
      Heard answer = appliance.send(appliance.asOperator("stream" + wish));
      assertEquals(422, answer.status(), wish);
      assertTrue(answer.text().contains("(expected: "), answer.text());
    }
    assertEquals(
        401, appliance.send(HttpRequest.newBuilder(appliance.uri("/api/v1/stream"))).status());
    assertEquals(
        404, appliance.send(appliance.asOperator("stream").POST(BodyPublishers.noBody())).status());
  }
}
