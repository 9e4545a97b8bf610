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

  private static X509Certificate rsa(TlsIdentity identity) {
    return identity.certificates().getLast();
  }

  @Test
  void whatIsMadeIsOneOfACurveAndOneOfRsaOfItsOwnCaForAddressAndName() throws Exception {
    TlsIdentity identity = own(NOW, ADDRESSES);

    X509Certificate ca = Certificates.authority(data);
    ca.verify(ca.getPublicKey());
    assertEquals(0, ca.getBasicConstraints());
    assertEquals("RSA", ca.getPublicKey().getAlgorithm());
    for (TlsIdentity.Proof proof : identity.proofs()) {
      X509Certificate server = proof.certificate();
      server.verify(ca.getPublicKey());
      assertEquals(ca, proof.chain().getLast());
      assertEquals("SHA256withRSA", server.getSigAlgName());
      assertEquals(
          List.of(List.of(7, "10.77.0.1"), List.of(2, "appliance.alpha.rack")),
          List.copyOf(server.getSubjectAlternativeNames()));
      assertEquals(-1, server.getBasicConstraints());
      assertEquals(List.of("1.3.6.1.5.5.7.3.1"), server.getExtendedKeyUsage());
      assertTrue(server.getKeyUsage()[0], "digital signature");
    }
    assertEquals(
        List.of("EC", "RSA"),
        identity.certificates().stream().map(one -> one.getPublicKey().getAlgorithm()).toList());
    assertEquals(
        List.of(false, true),
        identity.certificates().stream().map(one -> one.getKeyUsage()[2]).toList());
    for (String file : List.of("ca.key", "server.key", "server-ec.key")) {
      Path key = made.resolve("tls").resolve(file);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    }
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve("tls"))));
  }

  @Test
  void aRestartKeepsAllAndAnOldOrUnfitOneIsMadeAnewByTheSameCa() throws Exception {
    List<X509Certificate> first = own(NOW, ADDRESSES).certificates();
    X509Certificate ca = Certificates.authority(data);
    assertEquals(first, own(NOW.plus(Duration.ofDays(200)), ADDRESSES).certificates());

    X509Certificate moved = rsa(own(NOW, List.of(InetAddress.ofLiteral("10.77.0.9"))));
    assertNotEquals(first.getLast(), moved);
    List<X509Certificate> later = own(NOW.plus(Duration.ofDays(800)), ADDRESSES).certificates();
    for (int i = 0; i < later.size(); i++) {
      assertNotEquals(first.get(i), later.get(i));
      later.get(i).verify(ca.getPublicKey());
    }
    assertEquals(ca, Certificates.authority(data));
  }

  /** Earlier versions made RSA alone. */
  @Test
  void aFolderOfAnEarlierVersionKeepsItsCertificateAndGetsTheOneOfACurve() throws Exception {
    List<X509Certificate> before = own(NOW, ADDRESSES).certificates();
    Files.delete(data.resolve("tls/server-ec.crt"));
    Files.delete(data.resolve("tls/server-ec.key"));
    List<X509Certificate> after = own(NOW, ADDRESSES).certificates();
    assertEquals(before.getLast(), after.getLast());
    assertNotEquals(before.getFirst(), after.getFirst());
    assertEquals("EC", after.getFirst().getPublicKey().getAlgorithm());
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
    for (TlsIdentity.Proof own : own(NOW, ADDRESSES).proofs()) {
      TlsFiles files = userFiles(own.chain().getFirst(), own.key());
      Files.writeString(
          files.certificate(),
          PemFiles.text(own.chain().getFirst()) + PemFiles.text(own.chain().getLast()));

      assertEquals(List.of(own), Certificates.of(files, NOW).proofs());
    }
  }

  @Test
  void aUsersFileThatCannotServeIsOneLineThatNamesIt() throws Exception {
    TlsIdentity.Proof own = own(NOW, ADDRESSES).proofs().getLast();
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
