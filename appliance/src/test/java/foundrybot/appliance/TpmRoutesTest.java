// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import foundrybot.appliance.tpm.SoftTpm;
import foundrybot.appliance.tpm.TpmSecret;
import foundrybot.appliance.tpm.Vectors;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Nodes with simulated TPMs at a real appliance; each test takes a machine that no other has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TpmRoutesTest {
  private static final int MACHINES = 9;

  private final SoftTpm tpm = new SoftTpm();
  private LoopbackAppliance appliance;
  private NodeKeys keys = NodeKeys.made();
  private int taken;
  private String node = "";

  @BeforeAll
  void start(@TempDir Path folder) {
    appliance =
        new LoopbackAppliance(folder).secure().mesh("{ planes: { control: 10.80.1.0/24 } }");
    for (int i = 0; i < MACHINES; i++) {
      appliance.entry(
          mac("w" + i), "{ role: worker, name: w" + i + ", endpoint: 127.0.0.9, tpm: use }");
    }
    appliance.entry(mac("wa"), "{ role: worker, name: wa, endpoint: 127.0.0.9, tpm: required }");
    appliance.entry(
        mac("wb"),
        "{ role: worker, name: wb, endpoint: 127.0.0.9, tpm: { ek: \"" + tpm.hash() + "\" } }");
    appliance.start();
  }

  @BeforeEach
  void takeAMachine() {
    node = "w" + taken++;
    keys = NodeKeys.made();
    appliance.clock.pass(Duration.ofSeconds(1));
  }

  @AfterAll
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private static String mac(String name) {
    return "52:54:00:bb:01:0" + name.substring(1);
  }

  private Machine installed(String name) {
    return new Machine(appliance, mac(name)).install();
  }

  private Heard join(Machine machine, String name, String... lines) {
    long now = appliance.clock.instant().getEpochSecond();
    String cluster = ClusterKey.open(appliance.data(), true).id();
    return appliance.postSecurely(machine.path("mesh"), keys.request(cluster, name, 0, now, lines));
  }

  private static String credential(Heard heard) {
    String head = "foundrybot-challenge=1\ncredential=";
    assertTrue(heard.status() == 200 && heard.text().startsWith(head), heard::text);
    return heard.text().substring(head.length()).strip();
  }

  private static void assertRefused(int status, String begin, Heard heard) {
    assertEquals(status, heard.status(), heard.text());
    assertTrue(heard.text().startsWith(begin), heard::text);
  }

  private TpmSecret opened(SoftTpm by, Machine machine) {
    return by.activate(credential(join(machine, node, by.shown()))).orElseThrow();
  }

  private void prove(SoftTpm by, Machine machine) {
    Heard given = join(machine, node, by.proved(opened(by, machine)));
    assertTrue(given.text().startsWith("foundrybot-sealed=1\nU2FsdGVkX1"), given::text);
  }

  private JsonNode shown() {
    return JsonMapper.shared()
        .readTree(appliance.send(appliance.asOperator("nodes/" + node + "/tpm")).text());
  }

  private String audit() {
    return appliance.send(appliance.asOperator("audit?node=" + node)).text();
  }

  @Test
  void aTpmProvesItselfIsPinnedAndTheBundleIsSealedToIt() {
    Machine machine = installed(node);
    SoftTpm own = new SoftTpm();
    TpmSecret secret = opened(own, machine);
    assertEquals("", shown().get("ek").asString());
    assertFalse(appliance.events(node).stream().anyMatch(line -> line.startsWith("mesh.keys")));
    assertTrue(
        appliance.events(node).stream().anyMatch(e -> e.startsWith("tpm.seen ek=" + own.hash())));

    // A restart between the two changes nothing.
    appliance.stop();
    appliance.startAgain();
    appliance.clock.pass(Duration.ofSeconds(1));
    Heard given = join(machine, node, own.proved(secret));
    assertTrue(given.text().startsWith("foundrybot-sealed=1\n"), given::text);
    assertFalse(given.text().contains("foundrybot-bundle"), given::text);
    assertEquals(own.hash(), shown().get("ek").asString());
    assertEquals(200, machine.enroll().status());
    assertTrue(appliance.events(node).contains("tpm.ek " + own.hash()));
  }

  @Test
  void aTpmWhoseEkIsOfEccGetsInLikewise() {
    SoftTpm own = SoftTpm.elliptic();
    Machine machine = installed(node);
    prove(own, machine);
    assertEquals(own.hash(), shown().get("ek").asString());
    SoftTpm other = SoftTpm.elliptic();
    assertRefused(403, "ek: " + other.hash() + " is another", join(machine, node, other.shown()));
    assertEquals(200, machine.enroll().status());
  }

  @Test
  void anotherTpmIsRefusedBlocksTheNodeAndStandsInTheAuditLogUntilThePinIsForgotten() {
    prove(new SoftTpm(), installed(node));
    keys = NodeKeys.made();
    appliance.send(
        appliance.asOperator("nodes/" + node + "/reinstall").POST(BodyPublishers.noBody()));
    Machine again = installed(node);
    SoftTpm other = new SoftTpm();
    assertRefused(403, "ek: " + other.hash() + " is another TPM", join(again, node, other.shown()));
    assertRefused(403, "tpm: none, and " + node + " had the EK ", join(again, node));
    assertRefused(403, "tpm: nothing proved in this run", again.enroll());
    JsonNode status = appliance.statusJson(mac(node));
    assertEquals("stuck", status.get("condition").asString());
    assertEquals("tpm-refused", status.get("diagnosis").get("code").asString());
    assertTrue(status.toString().contains("bootserver tpm " + node + " --forget"));
    assertTrue(audit().contains("another TPM than the node must have"), this::audit);

    appliance.send(
        appliance.asOperator("nodes/" + node + "/tpm-forget").POST(BodyPublishers.noBody()));
    assertEquals("", shown().get("ek").asString());
    prove(other, again);
    assertEquals(200, again.enroll().status());
    assertEquals("ok", appliance.statusJson(mac(node)).get("condition").asString());
  }

  @Test
  void whoShowsTheEkOfAnotherGetsAChallengeThatItCannotOpenAndLeavesNoKeys() {
    Machine machine = installed(node);
    SoftTpm own = new SoftTpm();
    String sealed = credential(join(machine, node, own.shown()));
    assertEquals(Optional.empty(), new SoftTpm().activate(sealed));
    String changed = (sealed.charAt(100) == 'A' ? 'B' : 'A') + sealed.substring(101);
    assertEquals(Optional.empty(), own.activate(sealed.substring(0, 100) + changed));
    // What the same TPM opened for other keys, and what is guessed.
    TpmSecret before = own.activate(sealed).orElseThrow();
    keys = NodeKeys.made();
    assertRefused(403, "proof: another one", join(machine, node, own.proved(before)));
    assertRefused(
        403, "proof: another one", join(machine, node, own.proved(new TpmSecret(new byte[32]))));
    assertFalse(appliance.events(node).stream().anyMatch(line -> line.startsWith("mesh.keys")));
    assertEquals("", shown().get("ek").asString());
  }

  @Test
  void whatIsNoEkOrAkOrTooLongIsRefused() {
    Machine machine = installed(node);
    String[] sound = tpm.shown();
    String free = "ak=" + Vectors.UNRESTRICTED;
    assertRefused(403, "ak: attributes of another key", join(machine, node, sound[0], free));
    String swapped = "ek=" + Vectors.AK;
    assertRefused(403, "ek: attributes, policy", join(machine, node, swapped, sound[1]));
    assertRefused(400, "line 14: not ak", join(machine, node, sound[0]));
    assertRefused(400, "ek: 700 characters", join(machine, node, "ek=" + "A".repeat(700)));
    assertEquals(400, join(machine, node, "ek=" + "A".repeat(2000)).status());
    assertEquals(413, join(machine, node, "ek=" + "A".repeat(9000)).status());
  }

  @Test
  void oneTpmIsOneNodes() {
    SoftTpm own = new SoftTpm();
    prove(own, installed(node));
    String first = mac(node);
    takeAMachine();
    Heard twin = join(installed(node), node, own.shown());
    assertRefused(403, "ek: " + own.hash() + " is " + first + "'s", twin);
  }

  @Test
  void withoutATpmANodeIsLetInUnlessTheRackFileRequiresOne() {
    Heard given = join(installed(node), node);
    assertTrue(given.text().startsWith("foundrybot-bundle=1\n"), given::text);
    Machine machine = installed("wa");
    assertRefused(403, "tpm: none, and the rack file requires one", join(machine, "wa"));
    assertRefused(403, "tpm: nothing proved in this run", machine.enroll());
  }

  @Test
  void whoNamesAnEkTakesNoOther() {
    node = "wb";
    Machine machine = installed(node);
    SoftTpm other = new SoftTpm();
    assertRefused(
        403, "ek: " + other.hash() + " is not allowed", join(machine, node, other.shown()));
    prove(tpm, machine);
    assertEquals("required", shown().get("use").asString());
    assertNotEquals(other.hash(), shown().get("allowed").get(0).asString());
  }
}
