// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.SignedBundle;
import foundrybot.appliance.cli.Main;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import foundrybot.appliance.power.PowerSetup;
import foundrybot.appliance.tls.Csr;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BootSetting;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.PowerAction;
import foundrybot.redfish.PowerState;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who is released is of the cluster no more, and comes back by its name only. */
class ReleaseTest {
  private static final String MAC = "52:54:00:bb:00:01";
  private static final String OTHER = "52:54:00:bb:00:02";

  @TempDir private Path folder = Path.of("");

  private LoopbackAppliance two() {
    return new LoopbackAppliance(folder)
        .node(MAC, "w1", "debian-12")
        .node(OTHER, "w2", "debian-12");
  }

  private static Heard ask(LoopbackAppliance rack, String path) {
    return ask(rack, path, "");
  }

  private static Heard ask(LoopbackAppliance rack, String path, String body) {
    return rack.send(rack.asOperator(path).POST(BodyPublishers.ofString(body)));
  }

  private static JsonNode released(LoopbackAppliance rack, String more) {
    Heard answer = ask(rack, "nodes/w1/release?confirm=w1" + more);
    assertEquals(200, answer.status(), answer.text());
    return JsonMapper.shared().readTree(answer.text());
  }

  private static Machine arrived(LoopbackAppliance rack, String mac) {
    Machine machine = new Machine(rack, mac).install();
    assertEquals(200, machine.enroll().status());
    return machine;
  }

  private static String condition(LoopbackAppliance rack) {
    return rack.statusJson(MAC).get("condition").asString();
  }

  @Test
  void itIsSentToItsDiskAndOnlyItsNameTakesItBack() {
    try (LoopbackAppliance rack = two().start()) {
      Machine machine = arrived(rack, MAC);
      arrived(rack, OTHER);
      JsonNode answer = released(rack, "");
      assertTrue(answer.get("off").asBoolean());
      assertEquals("w1: has no BMC; switch it off by hand", answer.get("power").asString());
      for (int i = 0; i < 2; i++) {
        assertEquals("released", machine.stage());
        assertEquals("ok", condition(rack));
        Heard script = machine.script();
        assertFalse(Machine.installs(script), script.text());
        assertTrue(script.text().contains("released from the cluster"), script.text());
        assertTrue(rack.statusJson().get("complete").asBoolean(), "it is not waited for");
        rack.clock.pass(Duration.ofDays(2));
        rack.stop();
        rack.startAgain();
      }

      String all = ask(rack, "deploy").text();
      assertFalse(all.contains("w1"), all);
      assertEquals("released", machine.stage());
      assertEquals(200, ask(rack, "deploy", "w1").status());
      assertFalse(rack.statusJson().get("complete").asBoolean());
      machine.install();
      assertEquals(200, machine.enroll().status());
      assertEquals("enrolled", machine.stage());
      assertTrue(rack.events("w1").contains("node.released by local"), rack.events("w1")::toString);
    }
  }

  @Test
  void whereAllAreReleasedADeploymentWantsNames() {
    try (LoopbackAppliance rack =
        new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start()) {
      released(rack, "");
      Heard refused = ask(rack, "deploy");
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("all are released"), refused::text);
      assertFalse(rack.statusJson().get("complete").asBoolean(), "there is no cluster");
    }
  }

  @Test
  void itsTokenOpensNothingAndWhatItReportsMovesNothing() {
    try (LoopbackAppliance rack = two().start()) {
      Machine machine = new Machine(rack, MAC);
      machine.fetchToken();
      assertEquals(200, machine.get("preseed.cfg").status());
      Heard refused = ask(rack, "nodes/w1/release?confirm=w1");
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("is being installed (installing)"), refused::text);
      assertEquals(422, ask(rack, "nodes/w1/release?confirm=w2&force=yes").status());
      assertEquals(422, ask(rack, "nodes/w1/release?force=yes").status());
      assertEquals("installing", machine.stage());

      released(rack, "&force=yes");
      assertEquals(404, machine.get("late.sh").status());
      assertEquals(404, machine.report("installed").status());
      assertEquals(404, machine.enroll().status());
      assertEquals("released", machine.stage());
      assertEquals("released already", released(rack, "").get("said").asString());
    }
  }

  @Test
  void aHeldNodeIsNotReleased() {
    try (LoopbackAppliance rack = two().start()) {
      assertEquals(200, ask(rack, "nodes/w1/hold", "a disk").status());
      Heard refused = ask(rack, "nodes/w1/release?confirm=w1&force=yes");
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("bootserver resume"), refused::text);
    }
  }

  @Test
  void whatLooksAtAReleasedMachineLeavesItReleased() {
    try (LoopbackAppliance rack =
        new LoopbackAppliance(folder).castArtifacts().node(MAC, "w1", "debian-12-cast").start()) {
      released(rack, "");
      Machine machine = new Machine(rack, MAC);
      for (String look : List.of("inspect", "rescue")) {
        assertEquals(200, ask(rack, "nodes/w1/" + look).status());
        assertEquals("planned", machine.stage());
        machine.fetchToken();
        assertEquals(200, ask(rack, "nodes/w1/rescue-end").status());
        assertEquals("released", machine.stage());
        assertFalse(Machine.installs(machine.script()));
      }
      assertEquals(200, ask(rack, "nodes/w1/rescue").status());
      machine.fetchToken();
      Heard refused = ask(rack, "nodes/w1/release?confirm=w1");
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("is booted to rescue"), refused::text);
      released(rack, "&force=yes");
      assertEquals("released", machine.stage());
      assertFalse(Machine.installs(machine.script()));
    }
  }

  private static final class Mesh {
    private final LoopbackAppliance rack;
    private final ClusterKey cluster;

    Mesh(LoopbackAppliance rack) {
      this.rack = rack;
      this.cluster = ClusterKey.open(rack.data(), true);
    }

    private String request(NodeKeys keys, String node) {
      rack.clock.pass(Duration.ofSeconds(1));
      return keys.request(cluster.id(), node, 0, rack.clock.instant().getEpochSecond());
    }

    NodeKeys joined(String mac, String node) {
      NodeKeys keys = NodeKeys.made();
      Machine machine = new Machine(rack, mac).install();
      Heard given = rack.postSecurely(machine.path("mesh"), request(keys, node));
      assertEquals(200, given.status(), given.text());
      assertEquals(200, machine.enroll().status());
      return keys;
    }

    Heard polled(NodeKeys keys, String node) {
      return rack.postSecurely("/mesh/" + node, request(keys, node));
    }

    String peers(Heard heard) {
      assertEquals(200, heard.status(), heard.text());
      byte[] bytes = heard.text().getBytes(StandardCharsets.US_ASCII);
      Bundle bundle =
          ((SignedBundle.Good) SignedBundle.decode(bytes, cluster.signer().publicPart())).bundle();
      return bundle.mesh().interfaces().getFirst().config().peers().stream()
          .map(peer -> peer.publicKey().text())
          .toList()
          .toString();
    }

    Heard certified(NodeKeys keys, String node) {
      long now = rack.clock.instant().getEpochSecond();
      String wish =
          keys.certificateRequest(cluster.id(), node, now, Csr.of("CN=" + node, Csr.key()));
      return rack.postSecurely("/mesh/" + node + "/certificate", wish);
    }
  }

  @Test
  void theOthersForgetItAndItsCertificatesAreRevoked() {
    LoopbackAppliance rack =
        new LoopbackAppliance(folder)
            .secure()
            .mesh("{ planes: { control: 10.80.1.0/24 } }")
            .entry(MAC, "{ role: worker, name: w1, endpoint: 127.0.0.9 }")
            .entry(OTHER, "{ role: worker, name: w2, endpoint: 127.0.0.9 }");
    try (rack) {
      rack.start();
      Mesh mesh = new Mesh(rack);
      NodeKeys leaves = mesh.joined(MAC, "w1");
      NodeKeys stays = mesh.joined(OTHER, "w2");
      assertEquals(200, mesh.certified(leaves, "w1").status());
      assertTrue(mesh.peers(mesh.polled(stays, "w2")).contains(leaves.plane(1)));

      released(rack, "");
      for (int i = 0; i < 2; i++) {
        assertFalse(mesh.peers(mesh.polled(stays, "w2")).contains(leaves.plane(1)));
        assertEquals(404, mesh.polled(leaves, "w1").status());
        assertEquals(404, mesh.certified(leaves, "w1").status());
        assertEquals("0\n", ask(rack, "nodes/w1/revoke").text(), "there is none left");
        rack.stop();
        rack.startAgain();
      }

      assertEquals(200, ask(rack, "nodes/w1/reinstall").status());
      NodeKeys again = mesh.joined(MAC, "w1");
      assertTrue(mesh.peers(mesh.polled(stays, "w2")).contains(again.plane(1)));
      assertEquals(200, mesh.certified(again, "w1").status());
      assertEquals(404, rack.postSecurely("/mesh/nobody", "").status());
    }
  }

  /** A machine that is on, behind a BMC that does what it is told, or refuses it. */
  private static final class Switch implements Bmc {
    private final List<PowerAction> told = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean refuses = new AtomicBoolean();

    @Override
    public String describe() {
      return "test";
    }

    @Override
    public Outcome<PowerState> power() {
      return new Outcome.Done<>(PowerState.ON, "on");
    }

    @Override
    public Outcome<PowerState> power(PowerAction action, Duration patience) {
      told.add(action);
      return refuses.get()
          ? new Outcome.Failed<>(
              new BmcFault(
                  BmcFault.Kind.REFUSED, "test", "off", "locked by its front panel", "unlock it"))
          : new Outcome.Done<>(PowerState.OFF, "off");
    }

    @Override
    public Outcome<BootSetting> setNextBoot(BootSetting wanted) {
      return new Outcome.Done<>(wanted, wanted.text());
    }

    @Override
    public void close() {}
  }

  @Test
  void itsBmcSwitchesItOffUnlessItIsToStayOn() {
    Switch bmc = new Switch();
    LoopbackAppliance rack =
        new LoopbackAppliance(folder)
            .entry(MAC, "{ role: worker, name: w1, bmc: 'http://127.0.0.1:1' }")
            .with(PowerSetup.of(_ -> bmc));
    try (rack) {
      rack.start();
      released(rack, "&keep-on=yes");
      assertEquals(List.of(), bmc.told);
      bmc.refuses.set(true);
      JsonNode refused = released(rack, "");
      assertFalse(refused.get("off").asBoolean());
      assertTrue(refused.get("power").asString().contains("locked"), refused::toString);
      String data = rack.data().toString();
      assertEquals(1, Main.run("release", "w1", "--yes", "--data", data));
      bmc.refuses.set(false);
      assertEquals(0, Main.run("release", "w1", "--yes", "--data", data), "asked once more");
      assertEquals(64, Main.run("release", "w1", "--data", data), "there is no terminal");
      assertEquals(Collections.nCopies(3, PowerAction.OFF), bmc.told);
      assertEquals("released", rack.statusJson(MAC).get("stage").asString());
    }
  }
}
