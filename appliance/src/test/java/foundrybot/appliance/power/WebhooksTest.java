// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A switch as the rack file describes it. */
final class WebhooksTest {
  @TempDir private Path folder = Path.of("");

  private Node node(int port) {
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        profile: debian-12
        appliance: { interface: lo, address: 127.0.0.1/8, dhcp: off }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILewWhH5CTUU3in33UCXnZpwKItYQiqYj2VFSj6dsC8/ me@desk"] }
        bmc-defaults:
          header: X-Key
          password-file: plug.key
          hooks:
            on: { request: "POST /{system}", body: '{"on":true}', expect: [202] }
            status: { request: "GET /{system}", pointer: /on, on: "true", off: "false" }
        nodes:
          52:54:00:aa:00:01: { role: etcd, bmc: { url: "webhook+http://127.0.0.1:%d", system: 7 } }
        """
            .formatted(port);
    return switch (RackFiles.read(yaml, "rack.yaml")) {
      case RackReading.Valid(var rack) -> rack.nodes().getFirst();
      case RackReading.Invalid(var faults) -> throw new AssertionError(faults.toString());
    };
  }

  private Bmc open(int port) {
    Inet4Address source = Inet4Address.ofLiteral("127.0.0.1");
    return new Bmcs(folder, folder, Map.of(), source).open(node(port));
  }

  @Test
  void theRackFilesRequestsAreSentWithTheKeyFromItsFile() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpServer plug =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 5);
    plug.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String key = exchange.getRequestHeaders().getFirst("X-Key");
          seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + key + body);
          boolean on = seen.stream().anyMatch(request -> request.startsWith("POST"));
          byte[] answer = ("{\"on\":" + on + "}").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(body.isEmpty() ? 200 : 202, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    plug.start();
    Files.writeString(folder.resolve("plug.key"), "Bearer k3y\n");
    try (Bmc bmc = open(plug.getAddress().getPort())) {
      assertEquals(
          Optional.of(PowerState.ON), bmc.power(PowerAction.ON, Duration.ofSeconds(5)).result());
    } finally {
      plug.stop(0);
    }
    assertEquals(
        List.of("GET /7 Bearer k3y", "POST /7 Bearer k3y{\"on\":true}", "GET /7 Bearer k3y"), seen);
  }

  @Test
  void aMissingKeyIsSaidBeforeAnythingIsSent() {
    PowerException e = assertThrows(PowerException.class, () -> open(9));
    assertTrue(String.valueOf(e.getMessage()).contains("plug.key: cannot be read"), e::getMessage);
  }
}
