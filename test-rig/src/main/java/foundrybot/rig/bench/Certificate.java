// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A key on the curve P-256 and one of RSA with 2048 bits, as the appliance has them, and their
 * self-signed certificates, for a peer's TLS; made anew for each run. Which of them is shown is
 * between the peer and the load, which is the same client for all servers.
 */
final class Certificate {
  private static final String ALIAS = "bench";

  /** Of a key store that lives in memory as long as the run. */
  private static final String WORD = "only-for-this-run";

  private Certificate() {}

  /** nginx's lines for TLS on port 443. */
  static String nginx(Path folder, String host) {
    return "listen 443 ssl backlog=8192; "
        + pair(folder, host, "EC", 256)
        + pair(folder, host, "RSA", 2048)
        + "ssl_session_cache off; ssl_session_tickets off;\n";
  }

  private static String pair(Path folder, String host, String algorithm, int bits) {
    Path key = folder.resolve("tls-" + algorithm + ".key");
    Path certificate = folder.resolve("tls-" + algorithm + ".crt");
    if (!Files.exists(key)) {
      make(host, folder.resolve("tls-" + algorithm + ".p12"), algorithm, bits, key, certificate);
    }
    return "ssl_certificate " + certificate + "; ssl_certificate_key " + key + "; ";
  }

  private static void make(
      String host, Path store, String algorithm, int bits, Path key, Path certificate) {
    Shell.must(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        ALIAS,
        "-keyalg",
        algorithm,
        "-keysize",
        Integer.toString(bits),
        "-dname",
        "CN=" + host,
        "-validity",
        "2",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        WORD);
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, WORD.toCharArray());
      pem(key, "PRIVATE KEY", keys.getKey(ALIAS, WORD.toCharArray()).getEncoded());
      pem(certificate, "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
    } catch (IOException | GeneralSecurityException e) {
      throw new BenchException("a certificate for the peer's TLS cannot be made", e);
    }
  }

  private static void pem(Path file, String what, byte[] bytes) throws IOException {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
    Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n");
  }
}
