// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.redfish.HardwareAddress;
import foundrybot.redfish.Inventory.Nic;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import foundrybot.redfish.client.ScriptedBmc.Reply;
import foundrybot.redfish.client.ScriptedBmc.Request;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a deployment does, with trees in the shapes that published ones of other vendors have, cut
 * to what matters. Each of these BMCs demands ETags.
 */
class VendorTreesTest extends QuirkCase {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ampere-openbmc",
        "asrockrack-ami",
        "asus-ami",
        "cisco-c240-m5",
        "cisco-ucsx-m6",
        "dell-idrac10",
        "intel-s2600",
        "openbmc-multi-host",
        "quanta",
        "tyan-ami"
      })
  void aMachineOfAnyTreeIsIdentifiedArmedAndSwitched(String name) throws IOException {
    JsonNode file = read(name);
    JsonNode expected = file.path("expected");
    serve(file);
    try (RedfishBmc one = client(Optional.ofNullable(file.path("system").asString(null)))) {
      assertEquals(expected.path("firmware").asString(), done(one.identify()).firmware());
      assertEquals(
          texts(expected.path("macs")),
          done(one.inventory()).nics().stream().map(Nic::mac).map(HardwareAddress::text).toList());
      assertEquals(PowerState.OFF, done(one.power(PowerAction.OFF, PATIENCE)));
      assertEquals(PXE_ONCE.device(), done(one.setNextBoot(PXE_ONCE)).device());
      ObjectNode armed = server.resource(expected.path("boot").asString());
      assertEquals("Pxe", armed.at("/Boot/BootSourceOverrideTarget").asString());
      assertEquals("Once", armed.at("/Boot/BootSourceOverrideEnabled").asString());
      assertEquals(PowerState.ON, done(one.power(PowerAction.ON, PATIENCE)));
      Outcome<?> inserted = one.insertMedia(IMAGE);
      if (expected.has("media")) {
        assertInstanceOf(Outcome.Done.class, inserted, inserted::evidence);
        assertTrue(server.resource(expected.path("media").asString()).path("Inserted").asBoolean());
      } else {
        assertInstanceOf(Outcome.Unsupported.class, inserted, inserted::evidence);
      }
    }
    assertEquals(0, server.openSessions());
  }

  private static JsonNode read(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            VendorTreesTest.class.getResourceAsStream("trees/" + name + ".json"), name)) {
      return new JsonMapper().readTree(in.readAllBytes());
    }
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }

  /** Plays a tree in place of the usual one: its systems can be switched, its slots filled. */
  private void serve(JsonNode file) {
    server.clear().withEtags();
    for (Map.Entry<String, JsonNode> one : file.path("tree").properties()) {
      server.put(one.getKey(), one.getValue().toString());
      JsonNode actions = one.getValue().path("Actions");
      on(actions.path("#ComputerSystem.Reset"), request -> switched(one.getKey(), request));
      on(actions.path("#VirtualMedia.InsertMedia"), inserts(one.getKey()));
      on(actions.path("#VirtualMedia.EjectMedia"), ejects(one.getKey()));
    }
    for (Map.Entry<String, JsonNode> one : file.path("answers").properties()) {
      String about = one.getValue().path("about").asString("");
      String message = one.getValue().path("message").asString();
      server.on(one.getKey(), Reply.message(one.getValue().path("status").asInt(), message, about));
    }
  }

  private void on(JsonNode action, java.util.function.Function<Request, Reply> reply) {
    if (action.has("target")) {
      server.on("POST " + Resource.path(action.path("target").asString()), reply);
    }
  }

  private Reply switched(String system, Request request) {
    boolean off = request.json().path("ResetType").asString("").equals("ForceOff");
    server.resource(system).put("PowerState", off ? "Off" : "On");
    return Reply.status(204);
  }
}
