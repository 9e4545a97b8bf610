// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.TlsFiles;
import foundrybot.bootserver.http.TlsIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final List<String> NAMES = List.of("appliance.alpha.rack");
  private static final List<InetAddress> ADDRESSES = List.of(InetAddress.ofLiteral("10.77.0.1"));

  /** Made once: a CA's key takes a while. */
  @TempDir static Path made;

  @TempDir Path data;

  @BeforeAll
  static void makeOnce() {
    Certificates.own(made, "alpha", NAMES, ADDRESSES, NOW);
  }

  @BeforeEach
  void copy() throws IOException {
    Path tls = Files.createDirectory(data.resolve("tls"));
    Files.setPosixFilePermissions(tls, PosixFilePermissions.fromString("rwx------"));
    try (Stream<Path> files = Files.list(made.resolve("tls"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, tls.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private TlsIdentity own(Instant now, List<InetAddress> addresses) {
    return Certificates.own(data, "alpha", NAMES, addresses, now);
  }

  private String fault(Runnable work) {
    String message = assertThrows(TlsException.class, work::run).getMessage();
    assertTrue(message != null && !message.contains("\n"), message);
    return message;
  }

  @Test
  void whatIsMadeIsRsaOfItsOwnCaForAddressAndName() throws Exception {
    TlsIdentity identity = own(NOW, ADDRESSES);

    X509Certificate server = identity.chain().getFirst();
    X509Certificate ca = Certificates.authority(data);
    server.verify(ca.getPublicKey());
    ca.verify(ca.getPublicKey());
    assertEquals(ca, identity.chain().getLast());
    assertEquals("RSA", server.getPublicKey().getAlgorithm());
    assertEquals("SHA256withRSA", server.getSigAlgName());
    assertEquals(
        List.of(List.of(7, "10.77.0.1"), List.of(2, "appliance.alpha.rack")),
        List.copyOf(server.getSubjectAlternativeNames()));
    assertEquals(0, ca.getBasicConstraints());
    assertEquals(-1, server.getBasicConstraints());
    assertEquals(List.of("1.3.6.1.5.5.7.3.1"), server.getExtendedKeyUsage());
    for (String file : List.of("ca.key", "server.key")) {
      Path key = made.resolve("tls").resolve(file);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve("tls"))));
  }

  @Test
  void aRestartKeepsBothAndAnOldOrUnfitOneIsMadeAnewByTheSameCa() throws Exception {
    X509Certificate first = own(NOW, ADDRESSES).chain().getFirst();
    X509Certificate ca = Certificates.authority(data);
    assertEquals(first, own(NOW.plus(Duration.ofDays(200)), ADDRESSES).chain().getFirst());

    X509Certificate moved =
        own(NOW, List.of(InetAddress.ofLiteral("10.77.0.9"))).chain().getFirst();
    assertNotEquals(first, moved);
    X509Certificate later = own(NOW.plus(Duration.ofDays(800)), ADDRESSES).chain().getFirst();
    assertNotEquals(first, later);
    later.verify(ca.getPublicKey());
    assertEquals(ca, Certificates.authority(data));
  }

  @Test
  void aCaThatCannotServeIsOneLineWithTheCure() throws Exception {
    own(NOW, ADDRESSES);
    Path tls = data.resolve("tls");
    String expired = fault(() -> own(NOW.plus(Duration.ofDays(9000)), ADDRESSES));
    assertTrue(expired.contains("ca.crt: expired at ") && expired.contains("remove"), expired);
    Files.setPosixFilePermissions(
        tls.resolve("ca.key"), PosixFilePermissions.fromString("rw-r--r--"));
    String open = fault(() -> own(NOW, ADDRESSES));
    assertTrue(open.contains("rw-r--r--") && open.contains("chmod 600"), open);
    Files.delete(tls.resolve("ca.key"));
    assertTrue(fault(() -> own(NOW, ADDRESSES)).contains("ca.key: no such file"));
    Files.writeString(tls.resolve("ca.crt"), "nonsense");
    assertTrue(fault(() -> Certificates.authority(data)).contains("no certificate in it"));
  }

  @Test
  void thereIsNoCaBeforeTheFirstStart() throws IOException {
    Files.delete(data.resolve("tls/ca.crt"));
    assertTrue(fault(() -> Certificates.authority(data)).contains("bootserver serve"));
  }

  private TlsFiles userFiles(X509Certificate certificate, PrivateKey key) throws IOException {
    Path certificateFile = data.resolve("user.crt");
    Path keyFile = data.resolve("user.key");
    Files.writeString(certificateFile, PemFiles.text(certificate));
    // As 'openssl genpkey' writes it (PKCS#8).
    PemFiles.write(
        keyFile,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(key.getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    return new TlsFiles(certificateFile, keyFile);
  }

  @Test
  void theUsersOwnIsServedWithItsWholeChain() throws Exception {
    TlsIdentity own = own(NOW, ADDRESSES);
    TlsFiles files = userFiles(own.chain().getFirst(), own.key());
    Files.writeString(
        files.certificate(),
        PemFiles.text(own.chain().getFirst()) + PemFiles.text(own.chain().getLast()));

    TlsIdentity read = Certificates.of(files, NOW);
    assertEquals(own.chain(), read.chain());
    assertEquals(own.key(), read.key());
  }

  @Test
  void aUsersFileThatCannotServeIsOneLineThatNamesIt() throws Exception {
    TlsIdentity own = own(NOW, ADDRESSES);
    TlsFiles files = userFiles(own.chain().getFirst(), own.key());
    String expired = fault(() -> Certificates.of(files, NOW.plus(Duration.ofDays(900))));
    assertTrue(expired.contains("user.crt: expired at "), expired);
    String early = fault(() -> Certificates.of(files, NOW.minus(Duration.ofDays(900))));
    assertTrue(early.contains("is the clock right?"), early);

    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair other = generator.generateKeyPair();
    TlsFiles mixed = userFiles(own.chain().getFirst(), other.getPrivate());
    assertTrue(fault(() -> Certificates.of(mixed, NOW)).contains("not the key of"));

    Files.writeString(
        files.key(), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END X-----\n");
    assertTrue(fault(() -> Certificates.of(files, NOW)).contains("user.key"));
    Files.writeString(files.key(), PemFiles.text(own.chain().getFirst()));
    assertTrue(fault(() -> Certificates.of(files, NOW)).contains("no private key in it"));
    Files.writeString(files.certificate(), "-----BEGIN CERTIFICATE-----\nAAAA\n");
    assertTrue(fault(() -> Certificates.of(files, NOW)).contains("user.crt"));
    TlsFiles missing = new TlsFiles(data.resolve("none.crt"), files.key());
    assertTrue(fault(() -> Certificates.of(missing, NOW)).contains("none.crt: no such file"));
    Files.write(files.certificate(), new byte[2 << 20]);
    assertTrue(fault(() -> Certificates.of(files, NOW)).contains("2097152 bytes"));
  }
}
