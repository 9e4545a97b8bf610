// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a machine is given in rescue, and what becomes of its run. */
class RescueTest {
  private static final String CAST = "52:54:00:bb:00:01";
  private static final String INSTALLER = "52:54:00:bb:00:02";

  private final LoopbackAppliance rack;
  private final Machine machine;

  RescueTest(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).castArtifacts();
    rack.node(CAST, "w1", "debian-12-cast").node(INSTALLER, "w2", "debian-12").start();
    machine = new Machine(rack, CAST);
  }

  @AfterEach
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  private Heard ask(String node, String what) {
    return rack.send(rack.asOperator("nodes/" + node + "/" + what).POST(BodyPublishers.noBody()));
  }

  private void begin(String node) {
    Heard answer = ask(node, "rescue");
    assertEquals(200, answer.status(), answer.text());
  }

  @Test
  void aMachineInRescueIsGivenTheRescueSystemAndNothingThatInstalls() {
    begin("w1");
    String script = machine.script().text();
    assertTrue(script.contains("foundrybot.mode=rescue"), script);
    machine.fetchToken();
    assertEquals(LoopbackAppliance.KERNEL, machine.get("artifact/vmlinuz").text());
    assertEquals(200, machine.get("artifact/deploy.img").status());
    assertEquals("kernel", machine.stage());
    for (String installing : List.of("deploy.conf", "preseed.cfg", "artifact/root.img.zst")) {
      assertEquals(404, machine.get(installing).status(), installing);
    }
    for (String event : List.of("installer-started", "installed", "first-boot", "partitioned")) {
      assertEquals(400, machine.report(event).status(), event);
    }
    assertEquals(409, machine.enroll().status());
    assertEquals(200, machine.report("rescue").status());
    assertEquals("rescue", machine.stage());
    assertTrue(rack.statusJson(CAST).get("rescue").asBoolean());
    assertEquals("ok", rack.statusJson(CAST).get("condition").asString());
  }

  @Test
  void whatTheRescueSystemIsToldHoldsTheKeysOfTheOperatorAndNoToken() {
    begin("w1");
    String token = machine.fetchToken();
    String conf = machine.get("rescue.conf").text();
    String keys = LoopbackAppliance.SSH_KEY + "\n";
    String encoded = Base64.getEncoder().encodeToString(keys.getBytes(StandardCharsets.UTF_8));
    assertEquals("NODE='w1'\nMAC='" + CAST + "'\nSSH_KEYS_B64='" + encoded + "'\n", conf);
    assertFalse(conf.contains(token));
  }

  @Test
  void aNodeWithAnInstallersProfileBootsTheRescueSystemOfAnotherOnesImage() {
    begin("w2");
    Machine other = new Machine(rack, INSTALLER);
    other.fetchToken();
    assertEquals(200, other.get("artifact/vmlinuz").status());
    assertEquals(404, other.get("artifact/linux").status());
  }

  @Test
  void grubIsLedToTheRescueSystemToo() {
    begin("w2");
    String config = rack.get("/boot/" + INSTALLER.replace(':', '-') + "/grub.cfg").text();
    assertTrue(config.contains("/artifact/vmlinuz'"), config);
    assertTrue(config.contains("'foundrybot.mode=rescue'"), config);
  }

  @Test
  void behindARescueAnEnrolledMachineBootsFromItsDiskAgain() {
    machine.install();
    assertEquals(200, machine.enroll().status());
    begin("w1");
    assertTrue(Machine.installs(machine.script()), "it boots from the network");
    Machine inRescue = new Machine(rack, CAST);
    inRescue.fetchToken();
    assertEquals(200, inRescue.report("rescue").status());
    assertEquals(200, ask("w1", "rescue-end").status());
    assertEquals("enrolled", machine.stage());
    assertFalse(Machine.installs(machine.script()), "it boots from its disk");
    assertEquals(404, inRescue.get("rescue.conf").status());
  }

  @Test
  void anInstallationIsBrokenOffOnlyByForce() {
    String token = machine.fetchToken();
    assertEquals(200, machine.get("deploy.conf").status());
    Heard refused = ask("w1", "rescue");
    assertEquals(422, refused.status());
    assertTrue(refused.text().contains("--force"), refused.text());
    assertEquals("installing", machine.stage());
    assertEquals(200, ask("w1", "rescue?force=yes").status());
    assertEquals(404, rack.get("/node/" + token + "/deploy.conf").status());
    assertTrue(machine.script().text().contains("foundrybot.mode=rescue"));
    assertEquals(200, ask("w1", "rescue-end").status());
    assertEquals("planned", machine.stage());
  }

  @Test
  void aRescueOutlivesTheAppliance() {
    machine.install();
    assertEquals(422, ask("w1", "rescue").status(), "it restarts, and is to enrol");
    assertEquals(200, ask("w1", "rescue?force=yes").status());
    rack.stop();
    rack.startAgain();
    assertTrue(machine.script().text().contains("foundrybot.mode=rescue"));
    assertEquals(200, ask("w1", "rescue-end").status());
    assertEquals("installed", machine.stage());
  }

  @Test
  void withoutAnImageItIsRefusedWithTheCure(@TempDir Path bare) {
    try (LoopbackAppliance other =
        new LoopbackAppliance(bare).node(INSTALLER, "w2", "debian-12").start()) {
      Heard refused = other.send(other.asOperator("nodes/w2/rescue").POST(BodyPublishers.noBody()));
      assertEquals(422, refused.status());
      assertTrue(refused.text().contains("bootserver image build"), refused.text());
      other.castArtifacts();
      Heard begun = other.send(other.asOperator("nodes/w2/rescue").POST(BodyPublishers.noBody()));
      assertEquals(200, begun.status(), "what was built since is found");
    }
  }
}
