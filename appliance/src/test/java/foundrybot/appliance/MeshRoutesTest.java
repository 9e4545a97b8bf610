// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.SignedBundle;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import foundrybot.appliance.store.StoreException;
import foundrybot.appliance.tls.Csr;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A mesh at a real appliance, over its HTTPS; each test takes two machines that no other has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MeshRoutesTest {
  private static final int MACHINES = 18;

  private LoopbackAppliance appliance;
  private NodeKeys keys = NodeKeys.made();
  private int taken;
  private String one = "";
  private String two = "";

  @BeforeAll
  void start(@TempDir Path folder) {
    // Making a CA takes a moment: one for all.
    appliance =
        new LoopbackAppliance(folder).secure().mesh("{ planes: { control: 10.80.1.0/24 } }");
    for (int i = 0; i < MACHINES; i++) {
      appliance.entry(mac("w" + i), "{ role: worker, name: w" + i + ", endpoint: 127.0.0.9 }");
    }
    appliance.start();
  }

  @BeforeEach
  void takeMachines() {
    one = "w" + taken++;
    two = "w" + taken++;
    keys = NodeKeys.made();
    appliance.clock.pass(Duration.ofSeconds(1));
  }

  private static String mac(String name) {
    return String.format(Locale.ROOT, "52:54:00:bb:00:%02x", Integer.parseInt(name.substring(1)));
  }

  @AfterAll
  void stop() {
    appliance.close();
    assertEquals(List.of(), appliance.fatal);
  }

  private ClusterKey cluster() {
    return ClusterKey.open(appliance.data(), true);
  }

  private String request(NodeKeys of, String node, long serial) {
    long now = appliance.clock.instant().getEpochSecond();
    return of.request(cluster().id(), node, serial, now);
  }

  private Bundle bundle(Heard heard) {
    assertEquals(200, heard.status(), heard.text());
    byte[] bytes = heard.text().getBytes(StandardCharsets.US_ASCII);
    return SignedBundle.decode(bytes, cluster().signer().publicPart())
            instanceof SignedBundle.Good(Bundle bundle)
        ? bundle
        : fail(heard.text());
  }

  private Machine installed(String name) {
    return new Machine(appliance, mac(name)).install();
  }

  @Test
  void aNodeSendsItsKeysWithItsTokenAndLaterASignatureIsEnough() {
    Machine machine = installed(one);
    Bundle first = bundle(appliance.postSecurely(machine.path("mesh"), request(keys, one, 0)));
    assertEquals(200, machine.enroll().status());
    Heard over = appliance.postSecurely(machine.path("mesh"), request(keys, one, 0));
    assertEquals(new Heard(410, "this run is over\n", over.contentType()), over);

    long serial = first.serial();
    assertEquals(204, appliance.postSecurely("/mesh/" + one, request(keys, one, serial)).status());
    NodeKeys other = NodeKeys.made();
    bundle(appliance.postSecurely(installed(two).path("mesh"), request(other, two, 0)));
    Bundle next = bundle(appliance.postSecurely("/mesh/" + one, request(keys, one, serial)));
    assertEquals(
        other.plane(1),
        next.mesh().interfaces().getFirst().config().peers().getLast().publicKey().text());
    List<String> events = appliance.events(one);
    assertTrue(events.stream().anyMatch(line -> line.startsWith("mesh.number ")), events::toString);
    assertTrue(events.contains("mesh.bundle serial " + next.serial()), events::toString);
    assertEquals("enrolled", machine.stage());
  }

  private String wish(NodeKeys of, String node, String subject) {
    long now = appliance.clock.instant().getEpochSecond();
    return of.certificateRequest(cluster().id(), node, now, Csr.of(subject, Csr.key()));
  }

  @Test
  void aNodeHasItsKeyCertifiedAndNeitherAnotherRoleNorAnotherNode() throws Exception {
    Machine machine = installed(one);
    String path = "/mesh/" + one + "/certificate";
    assertEquals(404, appliance.postSecurely(path, wish(keys, one, "CN=" + one)).status());
    bundle(appliance.postSecurely(machine.path("mesh"), request(keys, one, 0)));
    assertEquals(200, machine.enroll().status());

    String sound = wish(keys, one, "CN=" + one);
    Heard given = appliance.postSecurely(path, sound);
    assertEquals(200, given.status(), given.text());
    assertEquals(2, given.text().split("BEGIN CERTIFICATE", -1).length - 1);
    Heard again = appliance.postSecurely(path, sound);
    assertEquals(403, again.status());
    assertTrue(again.text().startsWith("nonce: this request was heard before"), again::text);

    Heard swapped = appliance.postSecurely(path, wish(keys, one, "CN=" + one + ",O=control-plane"));
    assertEquals(
        new Heard(
            409, "csr: organization of another one (expected: worker)\n", swapped.contentType()),
        swapped);
    Heard thief = appliance.postSecurely(path, wish(NodeKeys.made(), one, "CN=" + one));
    assertEquals(403, thief.status());
    assertTrue(thief.text().startsWith("identity: not the one"), thief::text);
    Heard other = appliance.postSecurely(path, wish(keys, two, "CN=" + one));
    assertEquals(403, other.status());
    List<String> events = appliance.events(one);
    assertTrue(events.stream().anyMatch(line -> line.startsWith("mesh.certificate serial ")));
    assertTrue(events.contains("mesh.refused csr: organization of another one (expected: worker)"));
    assertTrue(
        refusals(one)
            .contains("127.0.0.1 a request of the mesh: csr: organization of another one"));

    HttpRequest.Builder revoke =
        appliance.asOperator("nodes/" + one + "/revoke").POST(BodyPublishers.noBody());
    assertEquals("1\n", appliance.send(revoke).text());
    Heard late = appliance.postSecurely(path, wish(keys, one, "CN=" + one));
    assertEquals(409, late.status());
    assertTrue(late.text().startsWith("revoked: "), late::text);
    assertEquals(200, appliance.get("/ca.crl").status());
  }

  @Test
  void nothingOfItIsServedWithoutTls() {
    Machine machine = installed(one);
    assertEquals(404, machine.post("mesh", request(keys, one, 0)).status());
    assertEquals(405, appliance.post("/mesh/" + one, request(keys, one, 0)).status());
  }

  @Test
  void keysComeNeitherBeforeTheDiskIsFinishedNorWithoutAToken() {
    Machine machine = new Machine(appliance, mac(one));
    machine.fetchToken();
    Heard early = appliance.postSecurely(machine.path("mesh"), request(keys, one, 0));
    assertEquals(409, early.status());
    assertEquals("not installed yet\n", early.text());
    String stranger = "/node/" + "0".repeat(32) + "/mesh";
    assertEquals(404, appliance.postSecurely(stranger, request(keys, one, 0)).status());
    assertEquals(404, appliance.postSecurely("/mesh/" + one, request(keys, one, 0)).status());
    assertEquals(405, appliance.getSecurely(installed(one).path("mesh")).status());
  }

  @Test
  void aNodeCannotSpeakForAnotherAndTheJournalSaysWhy() {
    Machine machine = installed(one);
    assertEquals(403, appliance.postSecurely(machine.path("mesh"), request(keys, two, 0)).status());
    bundle(appliance.postSecurely(machine.path("mesh"), request(keys, one, 0)));
    Heard thief = appliance.postSecurely(machine.path("mesh"), request(NodeKeys.made(), one, 0));
    assertEquals(409, thief.status());
    String why = "keys: this run has others already";
    assertTrue(thief.text().startsWith(why), thief::text);
    assertTrue(
        appliance.events(one).stream().anyMatch(line -> line.startsWith("mesh.refused " + why)));
  }

  private List<String> refusals(String name) {
    return JsonMapper.shared()
        .readTree(appliance.send(appliance.asOperator("audit?node=" + name)).text())
        .valueStream()
        .filter(line -> line.get("result").asString().equals("refused"))
        .map(line -> line.get("from").asString() + " " + line.get("what").asString())
        .toList();
  }

  @Test
  void wrongReplayedAndForgedRequestsAreInTheAuditLog() {
    Machine machine = new Machine(appliance, mac(one));
    machine.fetchToken();
    String first = request(keys, one, 0);
    assertEquals(409, appliance.postSecurely(machine.path("mesh"), first).status());
    assertEquals(200, machine.report("installed").status());
    assertEquals(400, appliance.postSecurely(machine.path("mesh"), "nonsense").status());
    long serial = bundle(appliance.postSecurely(machine.path("mesh"), first)).serial();
    assertEquals(200, machine.enroll().status());
    assertEquals(410, appliance.postSecurely(machine.path("mesh"), first).status());

    String request = request(keys, one, serial);
    assertEquals(204, appliance.postSecurely("/mesh/" + one, request).status());
    assertEquals(403, appliance.postSecurely("/mesh/" + one, request).status());
    NodeKeys stranger = NodeKeys.made();
    assertEquals(
        403, appliance.postSecurely("/mesh/" + one, request(stranger, one, serial)).status());
    String other = keys.request("0".repeat(32), one, serial, 0);
    assertEquals(403, appliance.postSecurely("/mesh/" + one, other).status());
    String changed = request(keys, one, serial + 1).replace("serial=", "serial=1");
    assertEquals(403, appliance.postSecurely("/mesh/" + one, changed).status());
    assertEquals(
        List.of(
            "127.0.0.1 what its run is not at: mesh",
            "127.0.0.1 a request of the mesh: 8 bytes",
            "127.0.0.1 the token of a run that is over: mesh",
            "127.0.0.1 a request of the mesh: nonce: this request was heard before",
            "127.0.0.1 a request of the mesh: identity: not the one that "
                + one
                + " has sent with its token",
            "127.0.0.1 a request of the mesh: cluster-id: another cluster's",
            "127.0.0.1 a request of the mesh: signature: not by the key in identity"),
        refusals(one));
    for (int i = 0; i < 20; i++) {
      appliance.postSecurely("/mesh/" + one, request);
    }
    assertEquals(8, refusals(one).size(), "repeated ones are counted");
  }

  private List<String> peers(NodeKeys of, String node) {
    return bundle(appliance.postSecurely("/mesh/" + node, request(of, node, 0)))
        .mesh()
        .interfaces()
        .getFirst()
        .config()
        .peers()
        .stream()
        .map(peer -> peer.publicKey().text())
        .toList();
  }

  @Test
  void aThiefOfATokenLosesThePlaceInTheMeshAsSoonAsTheNodeIsQuarantined() {
    NodeKeys friend = NodeKeys.made();
    bundle(appliance.postSecurely(installed(two).path("mesh"), request(friend, two, 0)));
    Machine machine = installed(one);
    NodeKeys thief = NodeKeys.made();
    String there = "127.0.0.7";
    bundle(appliance.postSecurelyFrom(there, machine.path("mesh"), request(thief, one, 0)));
    assertTrue(peers(friend, two).contains(thief.plane(1)));
    String certificate = "/mesh/" + one + "/certificate";
    String wish = wish(thief, one, "CN=" + one);
    assertEquals(200, appliance.postSecurelyFrom(there, certificate, wish).status());

    assertEquals(409, appliance.postSecurely(machine.path("mesh"), request(keys, one, 0)).status());
    appliance.clock.pass(Duration.ofSeconds(1));
    assertFalse(peers(friend, two).contains(thief.plane(1)));
    String poll = request(thief, one, 0);
    assertEquals("quarantined\n", appliance.postSecurelyFrom(there, "/mesh/" + one, poll).text());
    String again = wish(thief, one, "CN=" + one);
    assertEquals(403, appliance.postSecurelyFrom(there, certificate, again).status());
    assertTrue(
        refusals(one).contains(there + " a quarantined node: /mesh/" + one),
        () -> refusals(one).toString());

    String reinstall = "nodes/" + one + "/reinstall?by-hand=yes";
    HttpRequest.Builder order = appliance.asOperator(reinstall).POST(BodyPublishers.noBody());
    assertEquals(200, appliance.send(order).status());
    appliance.clock.pass(Duration.ofSeconds(1));
    Machine owner = installed(one);
    bundle(appliance.postSecurely(owner.path("mesh"), request(keys, one, 0)));
    assertEquals(200, owner.enroll().status());
    assertTrue(peers(friend, two).contains(keys.plane(1)));
  }

  @Test
  void aRestartKeepsKeysAndSerialAndAMissingKeyStopsIt() throws Exception {
    Machine machine = installed(one);
    long serial =
        bundle(appliance.postSecurely(machine.path("mesh"), request(keys, one, 0))).serial();
    appliance.stop();
    appliance.startAgain();
    appliance.clock.pass(Duration.ofSeconds(1));
    assertEquals(204, appliance.postSecurely("/mesh/" + one, request(keys, one, serial)).status());
    appliance.stop();
    Path key = appliance.data().resolve("bundles.key");
    String backup = Files.readString(key);
    Files.delete(key);
    StoreException refused = assertThrows(StoreException.class, appliance::startAgain);
    assertTrue(
        String.valueOf(refused.getMessage()).startsWith(key + ": missing"), refused::toString);
    Files.writeString(key, backup);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    appliance.startAgain();
  }

  @Test
  void theOperatorSeesABundleAndHasKeysMadeAnew() {
    Machine machine = installed(one);
    Bundle given = bundle(appliance.postSecurely(machine.path("mesh"), request(keys, one, 0)));
    assertEquals(given, bundle(appliance.send(appliance.asOperator("nodes/" + one + "/bundle"))));
    HttpRequest.Builder rotate = appliance.asOperator("rotate").POST(BodyPublishers.noBody());
    List<String> without = appliance.send(rotate).text().lines().toList();
    assertTrue(without.contains(two) && !without.contains(one), without::toString);
    assertEquals(
        1, bundle(appliance.send(appliance.asOperator("nodes/" + one + "/bundle"))).rotation());
  }
}
