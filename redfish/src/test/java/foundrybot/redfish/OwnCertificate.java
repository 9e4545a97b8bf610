// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate that a server of the tests has made for itself, with keytool.
 *
 * @param context of a server that shows it
 */
public record OwnCertificate(SSLContext context, X509Certificate certificate) {
  private static final char[] STORE = "changeit".toCharArray();

  /**
   * Makes one.
   *
   * @param folder for its file
   * @param more of keytool's options, such as {@code -ext san=ip:127.0.0.1}
   */
  public static OwnCertificate make(Path folder, String name, String... more) throws Exception {
    Path store = folder.resolve(name + ".p12");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=bmc",
                "-alias",
                name,
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(STORE),
                "-keystore",
                store.toString()));
    command.addAll(List.of(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), output);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, STORE);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, STORE);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return new OwnCertificate(context, (X509Certificate) keys.getCertificate(name));
  }

  /** As {@code trust: sha256:...} has it, without the prefix. */
  public String fingerprint() {
    return LeafTrust.fingerprint(certificate);
  }
}
