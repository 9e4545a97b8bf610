// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.mesh.ClusterKey;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside each answer file lies its signature by the cluster's key. */
class AnswerSignatureTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @TempDir Path folder;
  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void start() {
    appliance = new LoopbackAppliance(folder).node(MAC, "w1", "debian-12").start();
    machine = new Machine(appliance, MAC);
    machine.fetchToken();
  }

  @AfterEach
  void stop() {
    appliance.close();
  }

  private byte[] fetched(String file) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(appliance.uri(machine.path(file))).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertEquals(200, answer.statusCode(), file);
      return answer.body();
    }
  }

  @Test
  void theSignatureIsOfTheVeryFileAndByTheClustersKey() throws Exception {
    for (String file : new String[] {"preseed.cfg", "late.sh"}) {
      byte[] text = fetched(file);
      byte[] signature = fetched(file + ".sig");
      assertTrue(isSigned(text, signature), file);
      text[text.length / 2] ^= 1;
      assertFalse(isSigned(text, signature), file);
    }
  }

  private boolean isSigned(byte[] text, byte[] signature) throws Exception {
    String pem = Files.readString(ClusterKey.publicFile(appliance.data()));
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
    PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    Signature verifying = Signature.getInstance("Ed25519");
    verifying.initVerify(key);
    verifying.update(text);
    return verifying.verify(signature);
  }

  @Test
  void aSignatureMovesNoMachineAndBelongsToWhoHasTheFile() {
    assertEquals(200, machine.get("preseed.cfg.sig").status());
    assertEquals("script", machine.stage());
    assertEquals(404, machine.get("deploy.conf.sig").status());
    assertEquals(404, machine.get(".sig").status());
    assertEquals(404, machine.get("artifact/linux.sig").status());
  }

  @Test
  @Tag("slow")
  void opensslVerifiesIt() throws Exception {
    Path file = folder.resolve("preseed.cfg");
    Files.write(file, fetched("preseed.cfg"));
    Path signature = folder.resolve("preseed.cfg.sig");
    Files.write(signature, fetched("preseed.cfg.sig"));
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "pkeyutl",
                "-verify",
                "-pubin",
                "-inkey",
                ClusterKey.publicFile(appliance.data()).toString(),
                "-rawin",
                "-in",
                file.toString(),
                "-sigfile",
                signature.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(openssl.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, openssl.waitFor(), said);
  }
}
