// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.SignedBundle;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.appliance.mesh.ClusterKey;
import foundrybot.appliance.mesh.NodeKeys;
import foundrybot.appliance.tls.Csr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What somebody on the provisioning network tries who is none of the rack's machines: a class for
 * each kind of attacker, and one rack for all of them; each test takes two machines of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttackersTest {
  private static final int MACHINES = 90;

  /** Where the attacker sits. */
  private static final String THERE = "127.0.0.9";

  private static final Duration WINDOW = Duration.ofMinutes(15);

  // As the audit log says them.
  private static final String TOKEN_UNKNOWN = "a token that opens nothing";
  private static final String GUESSING = "too many tokens that open nothing";
  private static final String TOKEN_BURNT = "a burnt token";
  private static final String SECOND_USE = "a token that another machine has";
  private static final String QUARANTINED = "a quarantined node";
  private static final String RUN_OVER = "the token of a run that is over";
  private static final String MESH = "a request of the mesh";
  private static final String WINDOW_CLOSED = "a machine whose window is closed";
  private static final String PATH = "a path that leads upwards";
  private static final String NOT_NOW = "what its run is not at";

  /** Of the data folder, without the keys of TLS. */
  private static final List<String> SECRETS =
      List.of("operator.token", "tokens.key", "bundles.key");

  /** All that attackers were answered. */
  private final StringBuilder heardThere = new StringBuilder();

  private final List<String> secrets = new ArrayList<>();

  private LoopbackAppliance rack;
  private int taken;
  private String name = "";
  private String other = "";
  private Machine node;
  private NodeKeys keys = NodeKeys.made();

  @BeforeAll
  void start(@TempDir Path folder) {
    rack =
        new LoopbackAppliance(folder)
            .secure()
            .with("accept", "armed")
            .mesh("{ planes: { control: 10.80.1.0/24 } }");
    for (int i = 0; i < MACHINES; i++) {
      rack.entry(mac("w" + i), "{ role: worker, name: w" + i + ", endpoint: 127.0.0.9 }");
    }
    rack.start();
    rememberSecrets();
  }

  /** What is of the cluster, and not of one run: each file, and a line of each private key. */
  private void rememberSecrets() {
    try (Stream<Path> tls = Files.walk(rack.data().resolve("tls"))) {
      for (String file : SECRETS) {
        secrets.add(Files.readString(rack.data().resolve(file)).strip());
      }
      for (Path key : tls.filter(file -> file.toString().endsWith(".key")).toList()) {
        List<String> lines = Files.readAllLines(key);
        secrets.add(lines.get(lines.size() / 2));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertTrue(secrets.size() > SECRETS.size(), "keys of TLS");
    secrets.forEach(secret -> assertTrue(secret.length() >= 20));
  }

  @AfterEach
  void nothingSecretHasLeft() {
    String all = heardThere.toString();
    secrets.forEach(secret -> assertFalse(all.contains(secret), "a key was given away"));
    assertFalse(all.contains("PRIVATE KEY"), "a key was given away");
  }

  private Heard remembered(Heard answer) {
    heardThere.append(answer.text()).append('\n');
    return answer;
  }

  /** A GET of the attacker's. */
  private Heard there(String path) {
    return remembered(rack.getFrom(THERE, path));
  }

  private Heard postThere(String path, String form) {
    return remembered(rack.postFrom(THERE, path, form));
  }

  private Heard postSecurelyThere(String path, String body) {
    return remembered(rack.postSecurelyFrom(THERE, path, body));
  }

  @BeforeEach
  void takeMachines() {
    name = "w" + taken++;
    other = "w" + taken++;
    node = new Machine(rack, mac(name));
    keys = NodeKeys.made();
    // The strangers' lines of the audit log are common to all.
    rack.clock.pass(Duration.ofMinutes(10));
  }

  @AfterAll
  void stop() {
    rack.close();
    assertEquals(List.of(), rack.fatal);
  }

  private static String mac(String name) {
    return String.format(Locale.ROOT, "52:54:00:bb:00:%02x", Integer.parseInt(name.substring(1)));
  }

  private void arm() {
    String path = "nodes/" + name + "/arm?for=" + WINDOW.toSeconds();
    assertEquals(200, rack.send(rack.asOperator(path).POST(BodyPublishers.noBody())).status());
  }

  private Heard scriptFor(String address) {
    return remembered(rack.getFrom(address, "/boot/" + mac(name) + "/bios.ipxe"));
  }

  /** Refusals in the audit log of this test's first machine: from where, and what. */
  private List<String> refusals(String query) {
    return JsonMapper.shared()
        .readTree(rack.send(rack.asOperator("audit" + query)).text())
        .valueStream()
        .filter(line -> line.get("result").asString().equals("refused"))
        .map(line -> line.get("from").asString() + " " + line.get("what").asString())
        .toList();
  }

  private void assertRefused(String attempt, String what) {
    String line = THERE + " " + attempt + (what.isEmpty() ? "" : ": " + what);
    List<String> lines = refusals("?node=" + name);
    assertTrue(lines.stream().anyMatch(said -> said.startsWith(line)), () -> line + " " + lines);
  }

  private void assertQuarantined() {
    String why = rack.statusJson(mac(name)).get("why").asString();
    assertTrue(why.startsWith("quarantined, "), why);
    assertTrue(why.contains(THERE) && why.contains("127.0.0.1"), why);
  }

  private String request(NodeKeys of, String node, long serial) {
    return of.request(cluster().id(), node, serial, rack.clock.instant().getEpochSecond());
  }

  private ClusterKey cluster() {
    return ClusterKey.open(rack.data(), true);
  }

  private Bundle bundle(Heard given) {
    assertEquals(200, given.status(), given::text);
    byte[] bytes = given.text().getBytes(StandardCharsets.US_ASCII);
    return assertInstanceOf(
            SignedBundle.Good.class, SignedBundle.decode(bytes, cluster().signer().publicPart()))
        .bundle();
  }

  /** Of the answer to a read request (RFC 1350, section 5): 3 is data, 5 is an error. */
  private int opcode(String from, String file) throws IOException {
    InetAddress address = InetAddress.ofLiteral(LoopbackAppliance.ADDRESS);
    byte[] request = ("\0\1" + file + "\0octet\0").getBytes(StandardCharsets.US_ASCII);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral(from))) {
      socket.setSoTimeout(30_000);
      socket.send(new DatagramPacket(request, request.length, address, rack.port("tftp")));
      DatagramPacket answer = new DatagramPacket(new byte[600], 600);
      socket.receive(answer);
      return answer.getData()[1];
    }
  }

  @Nested
  class AClonedMac {
    @Test
    void getsNothingBeforeTheWindow() {
      assertFalse(Machine.installs(scriptFor(THERE)));
      assertRefused(WINDOW_CLOSED, "a boot script");
      arm();
      node.install();
      assertEquals(200, node.enroll().status());
    }

    @Test
    void isNamedByItsAddressAlsoWhereItAsksByTftp() throws Exception {
      assertEquals(3, opcode(THERE, mac(name).replace(':', '-') + "/grub.cfg"), "its own disk");
      LoopbackAppliance.eventually(
          "it is noted",
          () ->
              refusals("?node=" + name).stream()
                  .anyMatch(said -> said.startsWith(THERE + " " + WINDOW_CLOSED)));
    }

    @Test
    void thatComesFirstInTheWindowIsFoundOutWhenTheNodeComes() {
      arm();
      node.fetchToken();
      assertEquals(200, there(node.path("preseed.cfg")).status());
      assertEquals(403, node.get("preseed.cfg").status());
      assertQuarantined();
      assertEquals(403, there(node.path("late.sh")).status());
    }

    @Test
    void thatComesSecondInTheWindowGetsNothing() {
      arm();
      node.fetchToken();
      assertEquals(200, node.get("preseed.cfg").status());
      Heard answer = there(node.path("preseed.cfg"));
      assertEquals(403, answer.status());
      assertRefused(SECOND_USE, "two machines have its token");
      assertQuarantined();
    }

    @Test
    void thatStartsTheNodesRunOverIsFoundOutByTheNodesNextWord() {
      arm();
      node.fetchToken();
      assertEquals(200, node.get("preseed.cfg").status());
      Machine thief = new Machine(rack, mac(name));
      thief.fetchToken();
      assertEquals(200, there(thief.path("preseed.cfg")).status());
      assertEquals(404, node.report("progress").status());
      assertQuarantined();
      assertEquals(403, there(thief.path("enroll")).status());
    }

    @Test
    void getsNothingAfterTheWindow() {
      arm();
      rack.clock.pass(WINDOW);
      assertFalse(Machine.installs(scriptFor(THERE)));
      assertRefused(WINDOW_CLOSED, "a boot script");
    }

    @Test
    void thatEnrolsFirstIsFoundOutWhenTheNodeComes() {
      arm();
      node.install();
      NodeKeys thief = NodeKeys.made();
      String path = node.path("mesh");
      assertEquals(200, postSecurelyThere(path, request(thief, name, 0)).status());
      assertEquals(200, postThere(node.path("enroll"), "hostname=w&machine_id=2").status());
      assertEquals("enrolled", node.stage());

      assertEquals(403, rack.postSecurely(path, request(keys, name, 0)).status());
      assertQuarantined();
      String why = rack.statusJson(mac(name)).get("why").asString();
      assertEquals(
          "quarantined, two machines have its token: the key %s came from %s, and the key %s from %s"
              .formatted(thief.fingerprint(), THERE, keys.fingerprint(), "127.0.0.1"),
          why);
      JsonNode diagnosis = rack.statusJson(mac(name)).get("diagnosis");
      assertEquals("duplicate-machine", diagnosis.get("code").asString());
      String line = "127.0.0.1 " + SECOND_USE + ": " + why.substring("quarantined, ".length());
      assertTrue(refusals("?node=" + name).contains(line), () -> refusals("?node=" + name) + "");
      assertEquals(403, node.enroll().status());
      rack.clock.pass(Duration.ofSeconds(1));
      assertEquals(403, postSecurelyThere("/mesh/" + name, request(thief, name, 0)).status());
      assertRefused(QUARANTINED, "/mesh/" + name);

      String again = "nodes/" + name + "/reinstall?by-hand=yes";
      assertEquals(200, rack.send(rack.asOperator(again).POST(BodyPublishers.noBody())).status());
      node.install();
      path = node.path("mesh");
      assertEquals(200, rack.postSecurely(path, request(keys, name, 0)).status());
      assertEquals(200, node.enroll().status());
    }

    @Test
    void thatBringsKeysFromTheNodesOwnAddressIsToldByThem() {
      arm();
      node.install();
      NodeKeys thief = NodeKeys.made();
      String path = node.path("mesh");
      assertEquals(200, rack.postSecurely(path, request(thief, name, 0)).status());
      assertEquals(409, rack.postSecurely(path, request(keys, name, 0)).status());
      String why = rack.statusJson(mac(name)).get("why").asString();
      assertTrue(why.contains(thief.fingerprint()) && why.contains(keys.fingerprint()), why);
      assertEquals(403, node.enroll().status());
    }

    @Test
    void harmsNoNodeThatHasEnrolledOnceTheWindowIsOver() {
      arm();
      node.install();
      String path = node.path("mesh");
      assertEquals(200, rack.postSecurely(path, request(keys, name, 0)).status());
      assertEquals(200, node.enroll().status());
      rack.clock.pass(Duration.ofMinutes(61));
      assertEquals(410, postSecurelyThere(path, request(NodeKeys.made(), name, 0)).status());
      assertRefused(RUN_OVER, "mesh");
      assertFalse(rack.statusJson(mac(name)).toString().contains("quarantined"));
      assertEquals(200, rack.postSecurely("/mesh/" + name, request(keys, name, 0)).status());
    }

    @Test
    void isSentToItsDiskWhenTheNodeHasOne() {
      arm();
      node.install();
      assertFalse(Machine.installs(scriptFor(THERE)));
      assertEquals(200, node.enroll().status());
      assertFalse(Machine.installs(scriptFor(THERE)));
    }
  }

  @Nested
  class AReplayedTicket {
    @Test
    void ofAnEarlierRunOpensNothing() {
      arm();
      node.fetchToken();
      String path = "nodes/" + name + "/reinstall?by-hand=yes";
      assertEquals(200, rack.send(rack.asOperator(path).POST(BodyPublishers.noBody())).status());
      assertEquals(404, there(node.path("preseed.cfg")).status());
      assertRefused(TOKEN_BURNT, "preseed.cfg");
      node.install();
      assertEquals(200, node.enroll().status());
    }

    @Test
    void isDeadWhenItsWindowIsOver() {
      arm();
      node.fetchToken();
      assertEquals(200, node.get("preseed.cfg").status());
      assertEquals(200, node.report("installed").status());
      rack.clock.pass(Duration.ofMinutes(61));
      for (String what : List.of("late.sh", "artifact/linux", "report/failed")) {
        assertEquals(410, there(node.path(what)).status(), what);
      }
      assertEquals(410, postThere(node.path("enroll"), "machine_id=2").status());
      String thief = request(NodeKeys.made(), name, 0);
      assertEquals(410, postSecurelyThere(node.path("mesh"), thief).status());
      for (String what : List.of("late.sh", "artifact", "report", "enroll", "mesh")) {
        assertRefused(WINDOW_CLOSED, what);
      }
      assertEquals("installed", node.stage());
      arm();
      assertEquals(200, rack.postSecurely(node.path("mesh"), request(keys, name, 0)).status());
      assertEquals(200, node.enroll().status());
    }

    @Test
    void ofARungThatIsBehindTheNodeOpensNothing() {
      arm();
      node.fetchToken();
      assertEquals(200, node.get("preseed.cfg").status());
      assertEquals(200, node.get("preseed.cfg").status(), "an answer was lost");
      assertEquals(200, node.report("installed").status());
      for (String what : List.of("preseed.cfg", "late.sh", "artifact/linux", "late.sh.sig")) {
        assertEquals(409, there(node.path(what)).status(), what);
        assertEquals(409, node.get(what).status(), what);
      }
      assertRefused(NOT_NOW, "preseed.cfg");
      assertRefused(NOT_NOW, "artifact");
      assertEquals(200, node.enroll().status());
    }

    @Test
    void opensNothingOnceTheNodeHasEnrolled() {
      arm();
      node.install();
      assertEquals(200, node.enroll().status());
      for (String what : List.of("preseed.cfg", "late.sh", "artifact/linux", "report/failed")) {
        assertEquals(410, there(node.path(what)).status(), what);
      }
      assertRefused(RUN_OVER, "preseed.cfg");
      assertRefused(RUN_OVER, "report");
      assertEquals("enrolled", node.stage());
    }

    @Test
    void bringsNoKeysIntoTheMeshBesideTheNodes() {
      arm();
      node.install();
      assertEquals(200, rack.postSecurely(node.path("mesh"), request(keys, name, 0)).status());
      String thief = request(NodeKeys.made(), name, 0);
      assertEquals(409, postSecurelyThere(node.path("mesh"), thief).status());
      assertRefused(MESH, "keys: this run has others already");
      assertQuarantined();
      assertEquals(403, postSecurelyThere(node.path("mesh"), thief).status());
      assertRefused(QUARANTINED, "mesh");
      assertEquals(403, node.enroll().status(), "it cannot be told which of them this is");
    }
  }

  @Nested
  class AReplayedCallback {
    @Test
    void movesNoNodeBack() {
      arm();
      node.install();
      assertEquals(200, there(node.path("report/installer-started")).status());
      assertEquals("installed", node.stage(), "heard, and no proof of anything");
      assertEquals(200, node.enroll().status());
      assertEquals(410, there(node.path("report/installer-started")).status());
      assertRefused(RUN_OVER, "report");
    }

    @Test
    void ofTheMeshIsHeardOnce() {
      arm();
      node.install();
      assertEquals(200, rack.postSecurely(node.path("mesh"), request(keys, name, 0)).status());
      assertEquals(200, node.enroll().status());
      rack.clock.pass(Duration.ofSeconds(1));
      String heard = request(keys, name, 0);
      assertEquals(200, rack.postSecurely("/mesh/" + name, heard).status());
      assertEquals(403, postSecurelyThere("/mesh/" + name, heard).status());
      assertRefused(MESH, "nonce: this request was heard before");
      rack.clock.pass(Duration.ofMinutes(6));
      assertEquals(403, postSecurelyThere("/mesh/" + name, heard).status());
      assertRefused(MESH, "time: ");
    }
  }

  @Nested
  class AForgedCallback {
    @Test
    void withItsOwnTokenMovesNoOtherNode() {
      arm();
      node.fetchToken();
      String for2 = "report/installed?node=" + other + "&mac=" + mac(other);
      assertEquals(200, node.get(for2).status());
      assertEquals("planned", new Machine(rack, mac(other)).stage());
    }

    @Test
    void withoutATokenMovesNobody() {
      for (String token : List.of("0".repeat(32), name, mac(name), "*")) {
        String path = "/node/" + token + "/report/installed";
        assertEquals(404, there(path).status(), token);
      }
      assertEquals("planned", node.stage());
      String line = THERE + " " + TOKEN_UNKNOWN + ": report";
      assertTrue(refusals("").stream().anyMatch(said -> said.startsWith(line)));
    }

    @Test
    void ofTheMeshForAnotherNodeIsRefused() {
      arm();
      node.install();
      String path = node.path("mesh");
      String forged = request(NodeKeys.made(), other, 0);
      assertEquals(403, postSecurelyThere(path, forged).status());
      assertRefused(MESH, "node: another one's name");
      assertEquals(200, rack.postSecurely(path, request(keys, name, 0)).status());
      String stolen = request(NodeKeys.made(), name, 0);
      assertEquals(403, postSecurelyThere("/mesh/" + name, stolen).status());
      assertRefused(MESH, "identity: not the one that");
    }
  }

  @Nested
  class ABundleOfAnother {
    @Test
    void clusterIsNoBundleHere(@TempDir Path elsewhere) {
      arm();
      node.install();
      Heard given = rack.postSecurely(node.path("mesh"), request(keys, name, 0));
      byte[] bytes = given.text().getBytes(StandardCharsets.US_ASCII);
      ClusterKey stranger = ClusterKey.open(elsewhere, false);
      assertNotEquals(stranger.id(), cluster().id());
      assertInstanceOf(
          SignedBundle.Good.class, SignedBundle.decode(bytes, cluster().signer().publicPart()));
      assertFalse(
          SignedBundle.decode(bytes, stranger.signer().publicPart()) instanceof SignedBundle.Good);
    }

    @Test
    void clustersRequestIsRefused() {
      arm();
      node.install();
      String wrong = keys.request("f".repeat(32), name, 0, 0);
      assertEquals(403, postSecurelyThere(node.path("mesh"), wrong).status());
      assertRefused(MESH, "cluster-id: another cluster's");
    }
  }

  /** The nodes' own program refuses an older one: {@link MeshNodesTest}. */
  @Nested
  class AnOlderBundle {
    @Test
    void isToldFromTheNewestByItsSerial() {
      arm();
      node.install();
      Bundle older = bundle(rack.postSecurely(node.path("mesh"), request(keys, name, 0)));
      assertEquals(200, node.enroll().status());
      HttpRequest.Builder rotate =
          rack.asOperator("nodes/" + name + "/rotate").POST(BodyPublishers.noBody());
      assertEquals(200, rack.send(rotate).status());
      rack.clock.pass(Duration.ofSeconds(1));
      Heard newer = rack.postSecurely("/mesh/" + name, request(keys, name, older.serial()));
      assertTrue(bundle(newer).serial() > older.serial());
    }

    @Test
    void ofAnApplianceWithAnOlderJournalDoesNotTakeANodeBack() {
      arm();
      node.install();
      assertEquals(200, rack.postSecurely(node.path("mesh"), request(keys, name, 0)).status());
      rack.clock.pass(Duration.ofSeconds(1));
      String newer = request(keys, name, 9_000_000_000L);
      assertEquals(409, postSecurelyThere("/mesh/" + name, newer).status());
      assertRefused(MESH, "serial: newer than");
    }
  }

  @Nested
  class ATamperedAnswerFile {
    private byte[] fetched(String file) throws Exception {
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpRequest asked = HttpRequest.newBuilder(rack.uri(node.path(file))).build();
        HttpResponse<byte[]> answer = client.send(asked, BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode(), file);
        return answer.body();
      }
    }

    @Test
    void isToldByItsSignature() throws Exception {
      arm();
      node.fetchToken();
      for (String file : List.of("preseed.cfg", "late.sh")) {
        byte[] text = fetched(file);
        byte[] signature = fetched(file + ".sig");
        assertTrue(cluster().signer().publicPart().verifies(text, signature), file);
        for (int at : new int[] {0, text.length / 2, text.length - 1}) {
          byte[] changed = text.clone();
          changed[at] ^= 1;
          assertFalse(cluster().signer().publicPart().verifies(changed, signature), file);
        }
        byte[] longer = Arrays.copyOf(text, text.length + 1);
        assertFalse(cluster().signer().publicPart().verifies(longer, signature), file);
      }
      byte[] swapped = fetched("late.sh.sig");
      assertFalse(cluster().signer().publicPart().verifies(fetched("preseed.cfg"), swapped));
    }

    @Test
    void isSignedForNobodyByAsking() {
      arm();
      node.fetchToken();
      assertEquals(200, node.get("preseed.cfg").status());
      assertEquals(404, there(node.path("evil.cfg.sig")).status());
      assertRefused("what its token does not open", "something else");
      assertEquals(403, there(node.path("preseed.cfg.sig")).status());
      assertRefused(SECOND_USE, "two machines have its token");
      assertQuarantined();
    }
  }

  @Nested
  class ARoleSwappedInACsr {
    private Heard wish(String subject) {
      long now = rack.clock.instant().getEpochSecond();
      String text = keys.certificateRequest(cluster().id(), name, now, Csr.of(subject, Csr.key()));
      return postSecurelyThere("/mesh/" + name + "/certificate", text);
    }

    /** By who has root on the node, and so its identity. */
    @Test
    void isRefusedAndTheNodesOwnIsCertified() {
      arm();
      node.install();
      assertEquals(200, rack.postSecurely(node.path("mesh"), request(keys, name, 0)).status());
      assertEquals(200, node.enroll().status());
      rack.clock.pass(Duration.ofSeconds(1));
      for (String role : List.of("control-plane", "etcd", "hub", "system:masters")) {
        assertEquals(409, wish("CN=" + name + ",O=" + role).status(), role);
      }
      assertRefused(MESH, "csr: organization of another one");
      assertEquals(409, wish("CN=" + other + ",O=worker").status());
      assertRefused(MESH, "csr: common name");
      assertEquals(200, wish("CN=" + name + ",O=worker").status());
      assertEquals("enrolled", node.stage());
    }
  }

  /** Each is a name that has led out of another boot server's folder. */
  @Nested
  class APathTrick {
    private static final List<String> NAMES =
        List.of(
            "../operator.token",
            "../../../../../../etc/shadow",
            "..\\..\\operator.token",
            "....//....//operator.token",
            "..././..././operator.token",
            "x/../../operator.token",
            "/etc/shadow",
            "//etc/shadow",
            "C:\\boot.ini",
            "file:///etc/shadow",
            "file:/etc/shadow",
            "/dev/zero",
            "../../dev/zero",
            "..;/operator.token",
            ".%2e/operator.token",
            "%5c..%5coperator.token",
            "....\\\\....\\\\operator.token",
            "\\\\server\\share\\x",
            "pxelinux.cfg/../../operator.token",
            "x?../operator.token",
            "%2e%2e/operator.token",
            "%2e%2e%2foperator.token",
            "%252e%252e%252foperator.token",
            "..%c0%afoperator.token",
            "linux%00.txt",
            "operator.token",
            "tokens.key",
            "state/facts",
            "$(id)",
            "`id`",
            "a;id",
            "|id");

    @Test
    void byHttpLeadsNowhere() throws Exception {
      arm();
      node.fetchToken();
      String secret = Files.readString(rack.data().resolve("operator.token")).strip();
      for (String folder :
          List.of(
              "/",
              "/program/",
              "/debian/",
              "/boot/",
              "/boot/answers/",
              "/boot/" + mac(name).replace(':', '-') + "/",
              "/grub/",
              "/media/",
              "/node/",
              "/mesh/",
              node.path(""),
              node.path("report/"),
              node.path("artifact/"))) {
        for (String trick : NAMES) {
          int status = rack.rawStatus(folder + trick.replace(" ", "%20"));
          assertTrue(status == 400 || status == 404, folder + trick + ": " + status);
        }
      }
      assertFalse(secret.isEmpty());
      node.install();
      assertEquals(200, node.enroll().status(), "the node itself goes on");
      assertTrue(refusals("").stream().anyMatch(line -> line.contains(PATH)));
    }

    @Test
    void byTftpLeadsNowhere() throws Exception {
      for (String folder : List.of("", mac(name).replace(':', '-') + "/")) {
        for (String trick : NAMES) {
          assertEquals(5, opcode("127.0.0.1", folder + trick), folder + trick);
        }
      }
      LoopbackAppliance.eventually(
          "it is noted",
          () -> refusals("").stream().anyMatch(line -> line.contains(PATH + ": by TFTP")));
    }
  }

  @Nested
  class AGuesser {
    private static final int GUESSES = 1_000_000;
    private static final int BY_HTTP = 1_000;

    /** Tickets that one address may try at once. */
    private static final int HEARD = 100;

    private final Random random = new Random(6);

    /** In memory, as each costs the server: a hash, and a look-up that finds nothing. */
    @Test
    void ofAMillionTicketsFindsNone() {
      Fleet fleet = new Fleet(rack.rack(), rack.clock.instant());
      Tokens tokens = new Tokens("5e".repeat(32), new SecureRandom());
      RunToken live = tokens.mint(Mac.parse(mac(name)).orElseThrow());
      for (Node each : rack.rack().nodes()) {
        RunToken token = each.name().equals(name) ? live : tokens.mint(each.mac());
        fleet.apply(
            new Fact(
                rack.clock.instant(),
                each.mac().toString(),
                FactKind.TOKEN_MINTED.text(),
                token.mintedDetail()));
      }
      String right = tokens.text(Mac.parse(mac(name)).orElseThrow(), live).orElseThrow();
      assertEquals(name, fleet.bearer(right).orElseThrow().node().name());
      Random random = new Random(5);
      byte[] ticket = new byte[16];
      long begin = System.nanoTime();
      for (int i = 0; i < GUESSES; i++) {
        random.nextBytes(ticket);
        String text = HexFormat.of().formatHex(ticket);
        assertTrue(fleet.bearer(text).isEmpty());
        assertTrue(i % 16 != 0 || fleet.formerBearer(text).isEmpty());
      }
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      System.out.println(GUESSES + " tickets were tried in " + millis + " ms");
    }

    @Test
    void byHttpIsSoonNotHeardAndCostsACounter() {
      arm();
      node.fetchToken();
      long lines = lines(TOKEN_UNKNOWN);
      assertEquals(0, lines(GUESSING));
      int unknown = counter("token-unknown");
      int before = counter("token-guesses");
      int heard = 0;
      for (int i = 0; i < BY_HTTP; i++) {
        Heard answer = there("/node/" + guess() + "/preseed.cfg");
        heard += answer.status() == 404 ? 1 : 0;
        assertTrue(answer.status() == 404 || answer.status() == 429, answer::text);
      }
      assertEquals(HEARD, heard, "the clock stands");
      assertEquals(unknown + HEARD, counter("token-unknown"));
      assertEquals(before + BY_HTTP - HEARD, counter("token-guesses"));
      assertTrue(lines(TOKEN_UNKNOWN) - lines <= 2, "what is said again is counted");
      assertEquals(1, lines(GUESSING), () -> refusals("").toString());
      assertEquals(200, node.get("preseed.cfg").status(), "another address is served meanwhile");
    }

    @Test
    void whoIsNotHeardLearnsNothingByTheRightTicketEither() {
      arm();
      node.fetchToken();
      exhaust();
      assertEquals(429, there(node.path("preseed.cfg")).status());
      assertEquals(429, there(node.path("artifact/linux")).status());
      assertEquals(429, postThere(node.path("report/failed"), "why=x").status());
      assertEquals(429, postThere(node.path("enroll"), "x".repeat(10_000)).status());
      // Nor does it do anything by it: the node is neither moved nor quarantined.
      assertEquals(200, node.get("preseed.cfg").status());
      assertEquals(200, node.report("installer-started").status());
      rack.clock.pass(Duration.ofMinutes(1));
      assertEquals(404, there("/node/" + guess() + "/preseed.cfg").status());
    }

    @Test
    void doesNotKeepOutANodeThatSharesItsAddress() {
      arm();
      exhaust();
      Matcher token = Pattern.compile("/node/([0-9a-f]{32})/").matcher(scriptFor(THERE).text());
      assertTrue(token.find(), "its script is asked for without a token");
      String path = "/node/" + token.group(1) + "/";
      assertEquals(200, there(path + "preseed.cfg").status());
      assertEquals(200, postThere(path + "report/installer-started", "").status());
      assertEquals(429, there("/node/" + guess() + "/preseed.cfg").status());
      assertEquals(200, postThere(path + "report/installed", "").status());
      assertEquals(200, postThere(path + "enroll", "hostname=w&machine_id=1").status());
    }

    private void exhaust() {
      for (int i = 0; i < HEARD; i++) {
        assertEquals(404, there("/node/" + guess() + "/preseed.cfg").status());
      }
      assertEquals(429, there("/node/" + guess() + "/preseed.cfg").status());
    }

    private String guess() {
      byte[] ticket = new byte[16];
      random.nextBytes(ticket);
      return HexFormat.of().formatHex(ticket);
    }

    private long lines(String attempt) {
      return refusals("?since=" + rack.clock.instant().minusSeconds(60)).stream()
          .filter(line -> line.startsWith(THERE + " " + attempt))
          .count();
    }

    private int counter(String attempt) {
      return rack.statusJson().get("counters").path("audit.refused." + attempt).asInt(0);
    }
  }
}
