// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.tls.Certificates;
import foundrybot.appliance.tls.ImageSigner;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside each artifact lies its signature, as iPXE's imgverify asks for it. */
class ImageSignatureTest {
  private static final String MAC = "52:54:00:bb:00:01";

  @TempDir Path folder;
  private LoopbackAppliance appliance;
  private Machine machine;

  @BeforeEach
  void start() {
    appliance = new LoopbackAppliance(folder).secure().node(MAC, "w1", "debian-12").start();
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
  void aSignatureMovesNoMachineAndIsOfWhatItsProfileHas() throws Exception {
    byte[] signature = fetched("artifact/linux.cms");
    assertEquals("script", machine.stage());
    assertArrayEquals(signature, fetched("artifact/linux.cms"), "the same image, the same one");
    byte[] der = ASN1Primitive.fromByteArray(signature).getEncoded(ASN1Encoding.DER);
    assertArrayEquals(der, signature, "iPXE reads DER; openssl reads BER, too, and would not tell");
    assertEquals(404, machine.get("artifact/nothing.cms").status());
    assertEquals(404, machine.get("artifact/.cms").status());
    assertEquals(404, machine.get("artifact/linux.cms.cms").status());
    appliance.close();
    appliance.start();
    assertArrayEquals(signature, fetched("artifact/linux.cms"), "also after a restart");
  }

  /** Of a file that nobody reads: it was digested when it was imported. */
  @Test
  @Tag("slow")
  void opensslVerifiesItByTheCaAndRefusesAnImageThatWasChanged() throws Exception {
    Path image = folder.resolve("linux");
    Files.write(image, fetched("artifact/linux"));
    Path signature = folder.resolve("linux.cms");
    Files.write(signature, fetched("artifact/linux.cms"));
    Path ca = folder.resolve("ca.pem");
    Files.writeString(ca, Certificates.pem(Certificates.authority(appliance.data())));
    assertEquals(0, verify(image, signature, ca, "any"));
    // It is for code, and for nothing else.
    assertEquals(
        List.of("1.3.6.1.5.5.7.3.3"),
        Certificates.read(appliance.data().resolve("tls/images.crt"))
            .getFirst()
            .getExtendedKeyUsage());
    assertTrue(verify(image, signature, ca, "sslserver") != 0);
    byte[] changed = Files.readAllBytes(image);
    changed[changed.length / 2] ^= 1;
    Files.write(image, changed);
    assertTrue(verify(image, signature, ca, "any") != 0);
    byte[] other =
        new ImageSigner(KeyRing.plain(appliance.data()), appliance.clock)
            .signature("00".repeat(32));
    Files.write(signature, other);
    assertTrue(verify(image, signature, ca, "any") != 0);
  }

  /** By the openssl of this machine: 0 for a good signature. */
  static int verify(Path image, Path signature, Path ca, String purpose) throws Exception {
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "cms",
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-in",
                signature.toString(),
                "-content",
                image.toString(),
                "-CAfile",
                ca.toString(),
                "-purpose",
                purpose,
                "-out",
                "/dev/null")
            .redirectErrorStream(true)
            .start();
    openssl.getInputStream().transferTo(OutputStream.nullOutputStream());
    return openssl.waitFor();
  }
}
