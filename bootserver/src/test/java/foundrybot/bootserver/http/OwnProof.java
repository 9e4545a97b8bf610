// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates that sign themselves, made by the JDK's own keytool, named by their algorithm. */
final class OwnProof {
  private static final String PASSWORD = "loopback";

  private OwnProof() {}

  static TlsIdentity.Proof make(Path dir, String algorithm, int bits) throws Exception {
    Path file = dir.resolve(algorithm + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                algorithm,
                "-keysize",
                Integer.toString(bits),
                "-dname",
                "CN=" + algorithm,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    return new TlsIdentity.Proof(
        List.of((X509Certificate) store.getCertificate("server")),
        (PrivateKey) store.getKey("server", PASSWORD.toCharArray()));
  }

  static SSLContext trusting(List<TlsIdentity.Proof> proofs) throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    for (TlsIdentity.Proof proof : proofs) {
      trust.setCertificateEntry("it" + trust.size(), proof.certificate());
    }
    TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
    managers.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
