// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who has a medium proves its token, and never says it. */
class MediumDoorTest {
  private static final String MAC = "52:54:00:aa:00:01";
  private static final String SCRIPT = "boot/uefi.ipxe";

  private LoopbackAppliance rack;
  private Machine machine;
  private DigestClient client;

  @BeforeEach
  void start(@TempDir Path folder) {
    rack = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start();
    machine = new Machine(rack, MAC);
    // As if it stood on a medium: whose token it is makes no difference at this door.
    client = new DigestClient(rack, machine.fetchToken());
  }

  @AfterEach
  void stop() {
    rack.close();
  }

  @Test
  void itGetsAScriptInWhichTheTokenIsABlankThatIpxeFillsIn() throws Exception {
    HttpResponse<String> script = client.get(SCRIPT);
    assertEquals(200, script.statusCode(), script.body());
    assertFalse(script.body().contains(client.token()), script.body());
    assertTrue(script.body().contains("/node/${run-token:hexraw}/preseed.cfg"), script.body());
    String artifacts = rack.uri(client.path("artifact/")).toString();
    String proving = artifacts.replace("://", "://medium:${run-token:hexraw}@");
    assertTrue(script.body().contains(" " + proving + "linux initrd="), script.body());
    assertTrue(script.body().contains(" " + proving + "initrd.gz"), script.body());
    assertTrue(
        script.body().contains("Not loaded from " + rack.uri("/").getAuthority() + ". Look at"),
        "nobody reads the token on the console: " + script.body());
    assertEquals("script", machine.stage());
  }

  @Test
  void kernelAndInitrdComeByTheSameProofAndMoveTheNode() throws Exception {
    client.get(SCRIPT);
    HttpResponse<String> kernel = client.get("artifact/linux");
    assertEquals(200, kernel.statusCode());
    assertEquals(LoopbackAppliance.KERNEL, kernel.body());
    assertEquals("kernel", machine.stage());
    assertEquals(200, client.get("artifact/initrd.gz").statusCode());
    assertEquals(404, client.get("artifact/other").statusCode());
    assertEquals(404, client.get("preseed.cfg/x").statusCode());
    assertEquals(404, client.get("boot/other.ipxe").statusCode());
  }

  @Test
  void theTokenInClearOpensNoScriptAnyMore() {
    assertEquals(404, machine.get(SCRIPT).status());
  }

  @Test
  void aNonceIsGoodOnce() throws Exception {
    String path = client.path(SCRIPT);
    Optional<String> proof = Optional.of(client.proof("GET", path, client.nonce(path)));
    assertEquals(200, client.send("GET", path, proof).statusCode());
    HttpResponse<String> again = client.send("GET", path, proof);
    assertEquals(401, again.statusCode());
    String wanted = again.headers().firstValue("www-authenticate").orElseThrow();
    assertTrue(wanted.endsWith(", stale=true"), wanted);
    String fresh = client.proof("GET", path, DigestClient.nonce(again));
    assertEquals(200, client.send("GET", path, Optional.of(fresh)).statusCode());
  }

  @Test
  void aNonceIsGoodForAMinuteAndForTheAddressThatWasGivenIt() throws Exception {
    String path = client.path(SCRIPT);
    String late = client.proof("GET", path, client.nonce(path));
    String elsewhere = client.proof("GET", path, client.nonce(path));
    Heard other =
        rack.sendFrom(
            "127.0.0.2", HttpRequest.newBuilder(rack.uri(path)).header("Authorization", elsewhere));
    assertEquals(401, other.status());
    rack.clock.pass(Duration.ofSeconds(61));
    assertEquals(401, client.send("GET", path, Optional.of(late)).statusCode());
    assertFalse(
        rack.events("w1").stream().anyMatch(line -> line.startsWith("token.used")),
        "nobody has come with it");
  }

  @Test
  void aProofIsForOnePathAndOneMethod() throws Exception {
    String script = client.path(SCRIPT);
    String kernel = client.path("artifact/linux");
    String proof = client.proof("GET", script, client.nonce(script));
    assertEquals(401, client.send("GET", kernel, Optional.of(proof)).statusCode());
    assertEquals(401, client.send("HEAD", script, Optional.of(proof)).statusCode());
    String head = client.proof("HEAD", script, client.nonce(script));
    assertEquals(200, client.send("HEAD", script, Optional.of(head)).statusCode());
  }

  @Test
  void aNonceOfOnesOwnOrOfNobodyIsNone() throws Exception {
    String path = client.path(SCRIPT);
    String nonce = client.nonce(path);
    assertNotEquals(nonce, client.nonce(path));
    for (String other :
        new String[] {
          "0".repeat(76), "f" + nonce.substring(1), nonce.substring(0, 75) + "g", "short"
        }) {
      String proof = client.proof("GET", path, other);
      assertEquals(401, client.send("GET", path, Optional.of(proof)).statusCode(), other);
    }
  }

  @Test
  void whoKnowsOnlyWhatTheWireShowsGetsNothingAndStandsInTheAuditLog() throws Exception {
    String path = client.path(SCRIPT);
    // All that a listener has: the hash in the path. He takes it for the token.
    DigestClient thief = new DigestClient(rack, Tokens.hash(client.token()));
    String proof = thief.proof("GET", path, client.nonce(path));
    assertEquals(401, client.send("GET", path, Optional.of(proof)).statusCode());
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("medium:" + client.token()).getBytes(StandardCharsets.US_ASCII));
    assertEquals(401, client.send("GET", path, Optional.of(basic)).statusCode(), "in clear");
    String audit = rack.send(rack.asOperator("audit")).text();
    assertTrue(audit.contains("a token that opens nothing: boot"), audit);
  }

  @Test
  void aTokenOfNobodyAndOneThatWasBurntHaveNoDoor() throws Exception {
    DigestClient nobody = new DigestClient(rack, "0".repeat(32));
    assertEquals(404, nobody.send("GET", nobody.path(SCRIPT), Optional.empty()).statusCode());
    rack.send(
        rack.asOperator("nodes/w1/reinstall?by-hand=yes")
            .POST(HttpRequest.BodyPublishers.noBody()));
    assertEquals(404, client.send("GET", client.path(SCRIPT), Optional.empty()).statusCode());
  }
}
