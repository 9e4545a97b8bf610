// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static foundrybot.appliance.LoopbackAppliance.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.notify.Receiver;
import foundrybot.appliance.notify.Receiver.Got;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class WebhooksTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @TempDir private Path folder = Path.of("");

  private LoopbackAppliance appliance(Receiver receiver) throws IOException {
    LoopbackAppliance appliance = new LoopbackAppliance(folder);
    Files.writeString(appliance.data.resolve("chat.key"), Receiver.KEY + "\n");
    return appliance
        .node(MAC, "w1", "debian-12")
        .webhook("chat", "{ url: \"" + receiver.url() + "?t=sesame\", secret-file: chat.key }");
  }

  private static Heard ask(LoopbackAppliance appliance, String method, String path) {
    return appliance.send(
        HttpRequest.newBuilder(appliance.uri("/api/v1/" + path))
            .method(method, BodyPublishers.noBody())
            .header("Authorization", "Bearer " + OperatorAccess.of(appliance.data).token()));
  }

  private static JsonNode list(LoopbackAppliance appliance) {
    Heard heard = ask(appliance, "GET", "webhooks");
    assertEquals(200, heard.status(), heard.text());
    return JsonMapper.shared().readTree(heard.text());
  }

  private static List<Got> await(Receiver receiver, Predicate<Got> last)
      throws InterruptedException {
    for (int number = 1; ; number++) {
      List<Got> got = receiver.await(number);
      if (got.stream().anyMatch(last)) {
        return got;
      }
    }
  }

  private static String at(Got got, String key) {
    return got.json().at("/data/" + key).asString();
  }

  @Test
  void aMachinesWayIsToldAndNoSecretOfIt() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      Machine machine = new Machine(appliance, MAC);
      String token = machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      assertEquals(200, machine.report("installed").status());
      await(receiver, got -> got.type().equals("node.stage") && at(got, "to").equals("installed"));
      assertEquals(200, machine.enroll().status());
      List<Got> got = await(receiver, one -> one.type().equals("cluster.complete"));
      assertTrue(got.stream().allMatch(Got::isSigned));
      assertTrue(got.stream().allMatch(one -> one.path().equals("/in?t=sesame")));
      List<Got> stages = got.stream().filter(one -> one.type().equals("node.stage")).toList();
      assertEquals("planned", at(stages.getFirst(), "from"));
      assertEquals("enrolled", at(stages.getLast(), "to"));
      for (int i = 1; i < stages.size(); i++) {
        assertEquals(at(stages.get(i - 1), "to"), at(stages.get(i), "from"));
      }
      assertEquals("w1", at(stages.getFirst(), "node"));
      assertTrue(got.stream().anyMatch(one -> one.type().equals("phase.done")));
      String all = got.toString();
      assertFalse(all.contains(token) || all.contains(Receiver.KEY), all);
    }
  }

  @Test
  void aStuckNodeIsToldWithItsDiagnosis() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals(200, machine.report("installer-started").status());
      await(receiver, got -> got.type().equals("node.stage") && at(got, "to").equals("installing"));
      appliance.clock.pass(Duration.ofHours(1));
      Got stuck =
          await(receiver, got -> at(got, "to").equals("stuck")).stream()
              .filter(got -> at(got, "to").equals("stuck"))
              .findFirst()
              .orElseThrow();
      JsonNode known = appliance.statusJson(MAC);
      assertEquals("node.condition", stuck.type());
      assertEquals(known.at("/diagnosis/code").asString(), at(stuck, "code"));
      assertEquals(known.get("why").asString(), at(stuck, "why"));
      assertEquals(known.get("tryNext").asString(), at(stuck, "try"));
      assertFalse(at(stuck, "why").isEmpty());
    }
  }

  @Test
  void aCommandIsToldWhenItIsAcceptedAndWhenItHasEnded() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      assertEquals(200, ask(appliance, "POST", "nodes/w1/hold").status());
      List<Got> got = await(receiver, one -> one.type().equals("command.ended"));
      Got accepted =
          got.stream().filter(it -> it.type().equals("command.accepted")).findFirst().orElseThrow();
      assertEquals("hold w1", at(accepted, "what"));
      assertEquals(at(accepted, "id"), at(last(got, "command.ended"), "id"));
      assertEquals("done", at(last(got, "command.ended"), "result"));
      await(receiver, one -> at(one, "to").equals("held"));
    }
  }

  private static Got last(List<Got> got, String type) {
    return got.stream().filter(it -> it.type().equals(type)).toList().getLast();
  }

  @Test
  void whatHappensWhileTheReceiverIsAwayIsToldAfterARestart() throws Exception {
    Set<String> told = new HashSet<>();
    try (Receiver receiver = Receiver.start()) {
      try (LoopbackAppliance appliance = appliance(receiver).start()) {
        receiver.thenFail(1000);
        Machine machine = new Machine(appliance, MAC);
        machine.fetchToken();
        receiver.await(1);
        receiver.got().forEach(got -> told.add(got.id()));
        assertEquals(200, machine.report("installer-started").status());
        // The machine waits for nobody else.
        assertEquals("installing", machine.stage());
        assertTrue(list(appliance).get(0).get("waiting").asInt() > 0);
        eventually(
            "its error is shown",
            () -> list(appliance).get(0).get("error").asString().startsWith("500"));
        receiver.thenFail(0);
        int before = receiver.got().size();
        appliance.appliance().close();
        appliance.startAgain();
        List<Got> got = await(receiver, one -> at(one, "to").equals("installing"));
        assertTrue(told.contains(got.get(before).id()), "the same id after the restart");
        assertEquals("planned", at(got.get(before), "from"));
      }
    }
  }

  @Test
  void aStartIsNoChangeAndAnotherOneNeither() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      appliance.appliance().close();
      appliance.startAgain();
      assertEquals(200, ask(appliance, "POST", "webhooks/chat/test").status());
      assertEquals(200, ask(appliance, "POST", "nodes/w1/hold").status());
      List<Got> got = await(receiver, one -> at(one, "to").equals("held"));
      assertEquals(
          List.of(),
          got.stream()
              .filter(one -> one.type().equals("node.stage") || one.type().startsWith("phase"))
              .toList());
    }
  }

  @Test
  void aTestPingsAndSaysWhatCameOfIt() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      Heard pinged = ask(appliance, "POST", "webhooks/chat/test");
      assertEquals(200, pinged.status());
      assertEquals("chat: answered 204\n", pinged.text());
      assertEquals(1, receiver.got().stream().filter(it -> it.type().equals("ping")).count());
      Heard unknown = ask(appliance, "POST", "webhooks/nobody/test");
      assertEquals(422, unknown.status());
      assertTrue(unknown.text().startsWith("webhook: not in the rack file"), unknown.text());
      JsonNode chat = list(appliance).get(0);
      assertEquals("http://127.0.0.1:" + receiverPort(receiver), chat.get("place").asString());
      assertTrue(chat.get("inClear").asBoolean());
      assertFalse(chat.toString().contains("sesame"), "the rest of a URL may be a secret");
    }
  }

  private static String receiverPort(Receiver receiver) {
    return receiver.url().replaceAll(".*:(\\d+)/.*", "$1");
  }

  @Test
  void aReceiverThatTheRackFileGainsIsToldFromThenOn() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance =
            new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start()) {
      Machine machine = new Machine(appliance, MAC);
      machine.fetchToken();
      assertEquals(0, list(appliance).size());
      Files.writeString(appliance.data.resolve("chat.key"), Receiver.KEY + "\n");
      appliance.webhook("chat", "{ url: \"" + receiver.url() + "\", secret-file: chat.key }");
      appliance.appliance().replaceRack(appliance.rack(), FirmwareTable.builtIn());
      assertEquals(200, machine.report("installer-started").status());
      List<Got> got = await(receiver, one -> one.type().equals("node.stage"));
      Got first =
          got.stream().filter(it -> it.type().equals("node.stage")).findFirst().orElseThrow();
      assertEquals("script", at(first, "from"));
      assertEquals("installing", at(first, "to"));
    }
  }

  @Test
  void deliveriesAreCounted() throws Exception {
    try (Receiver receiver = Receiver.start();
        LoopbackAppliance appliance = appliance(receiver).start()) {
      new Machine(appliance, MAC).fetchToken();
      receiver.await(1);
      String text = ask(appliance, "GET", "metrics").text();
      assertTrue(
          text.contains(
              "foundrybot_webhook_deliveries_total{webhook=\"chat\",outcome=\"dead\"} 0\n"),
          text);
      assertTrue(text.contains("foundrybot_webhook_lost_total{webhook=\"chat\"} 0\n"), text);
      assertTrue(text.contains("foundrybot_webhook_behind_bytes{webhook=\"chat\"} "), text);
    }
  }
}
