// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LogNodeTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @Test
  void aNodeIsKnownByMacAndNameWithItsRunAndTheLastCommandAboutIt(@TempDir Path folder) {
    try (LoopbackAppliance appliance = new LoopbackAppliance(folder)) {
      appliance.node(MAC, "w1", "debian-12").start();
      new Machine(appliance, MAC).fetchToken();
      int run = appliance.statusJson(MAC).get("run").asInt();
      LogNode before = new LogNode(MAC, "w1", run, "");
      assertEquals(Optional.of(before), appliance.appliance().logNode(MAC));
      assertEquals(Optional.of(before), appliance.appliance().logNode("w1"));
      HttpRequest.Builder hold =
          HttpRequest.newBuilder(appliance.uri("/api/v1/nodes/w1/hold"))
              .POST(BodyPublishers.noBody())
              .header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token());
      assertEquals(200, appliance.send(hold).status());
      String command = appliance.appliance().logNode("w1").orElseThrow().command();
      assertTrue(command.matches("[0-9a-f]{8}"), command);
      assertEquals(Optional.empty(), appliance.appliance().logNode("52:54:00:bb:00:99"));
      assertEquals(Optional.empty(), appliance.appliance().logNode("nobody"));
    }
  }
}
