// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.TickingClock;
import foundrybot.appliance.store.KeyRing;
import foundrybot.appliance.tls.NodeCertificates.Answer;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NodeCertificatesTest {
  private static final Mac NODE = Mac.parse("52:54:00:bb:00:01").orElseThrow();
  private static final URI LIST = URI.create("http://10.0.0.1/ca.crl");
  private static final NodeSubject SUBJECT =
      new NodeSubject(
          "w1",
          "worker",
          List.of("w1", "w1.alpha.rack"),
          List.of(InetAddress.ofLiteral("10.0.0.7")));

  private final TickingClock clock = new TickingClock();
  private Path data = Path.of("");
  private Optional<NodeCertificates> opened = Optional.empty();

  private NodeCertificates certificates() {
    return opened.orElseThrow();
  }

  @BeforeAll
  void makeTheCa(@TempDir Path folder) {
    data = folder;
    InetAddress address = InetAddress.ofLiteral("10.0.0.1");
    var _ = Certificates.own(data, "alpha", List.of("a.rack"), List.of(address), clock.instant());
  }

  @BeforeEach
  void open() throws Exception {
    Files.deleteIfExists(data.resolve("certificates/52-54-00-bb-00-01.json"));
    reopen();
  }

  private void reopen() {
    opened = Optional.of(NodeCertificates.open(KeyRing.plain(data), LIST, clock));
  }

  private X509Certificate issued(String identity, byte[] csr) {
    return switch (certificates().sign(NODE, identity, SUBJECT, csr)) {
      case Answer.Issued issued -> certificate(issued.pem());
      case Answer.Refused(String why) -> fail(why);
    };
  }

  private static X509Certificate certificate(String pem) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }

  private String refused(byte[] csr) {
    return certificates().sign(NODE, "id", SUBJECT, csr) instanceof Answer.Refused(String why)
        ? why
        : fail("signed");
  }

  private X509CRL list(boolean known) throws Exception {
    clock.pass(Duration.ofMinutes(2));
    X509CRL list =
        (X509CRL)
            CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(certificates().revoked(_ -> known)));
    list.verify(Certificates.authority(data).getPublicKey());
    return list;
  }

  @Test
  void theCertificateSaysWhatTheRackFileSaysWhateverElseIsWished() throws Exception {
    KeyPair key = Csr.key();
    X509Certificate made = issued("id", Csr.of("CN=w1,O=worker", key));
    made.verify(Certificates.authority(data).getPublicKey());
    assertEquals("CN=w1,O=worker", made.getSubjectX500Principal().getName());
    assertEquals(key.getPublic(), made.getPublicKey());
    assertEquals(-1, made.getBasicConstraints());
    assertEquals(
        List.of("10.0.0.7", "w1", "w1.alpha.rack"),
        made.getSubjectAlternativeNames().stream().map(one -> one.get(1)).toList());
    assertTrue(certificates().revoked(_ -> true).length > 0);
    // A name that is left out is filled in.
    assertEquals(
        "CN=w1,O=worker", issued("id", Csr.of("CN=w1", key)).getSubjectX500Principal().getName());
  }

  @Test
  void aRequestThatClaimsAnotherRoleOrNodeIsRefused() {
    KeyPair key = Csr.key();
    assertEquals(
        "csr: organization of another one (expected: worker)",
        refused(Csr.of("CN=w1,O=control-plane", key)));
    assertEquals(
        "csr: organization of another one (expected: worker)",
        refused(Csr.of("CN=w1,O=worker,O=system:masters", key)));
    assertEquals("csr: common name of another one (expected: w1)", refused(Csr.of("CN=w2", key)));
  }

  @Test
  void whatIsNoSoundRequestIsRefused() {
    KeyPair key = Csr.key();
    assertTrue(refused(new byte[0]).startsWith("csr: cannot be read"));
    assertTrue(refused(new byte[] {0x30, 0x03, 0x02, 0x01, 0x00}).startsWith("csr: cannot"));
    assertTrue(refused(Csr.of("CN=w1", key, Csr.key())).startsWith("csr: not signed by its own"));
    assertTrue(refused(Csr.of("CN=w1", Csr.key("RSA", 1024))).startsWith("csr: key of another"));
    assertFalse(Files.exists(data.resolve("certificates/52-54-00-bb-00-01.json")));
  }

  @Test
  void revokedMeansOnTheListAndNothingNewUntilAnotherInstallation() throws Exception {
    byte[] csr = Csr.of("CN=w1", Csr.key());
    X509Certificate one = issued("id", csr);
    X509Certificate two = issued("id", csr);
    assertNull(list(true).getRevokedCertificate(one.getSerialNumber()));
    assertEquals(2, certificates().revoke(NODE));
    assertEquals(0, certificates().revoke(NODE));
    reopen();
    assertNotNull(list(true).getRevokedCertificate(one.getSerialNumber()));
    assertNotNull(list(true).getRevokedCertificate(two.getSerialNumber()));
    assertTrue(refused(csr).startsWith("revoked: "));
    X509Certificate next = issued("another identity", csr);
    assertNull(list(true).getRevokedCertificate(next.getSerialNumber()));
    assertEquals(2, list(true).getRevokedCertificates().size());
  }

  @Test
  void anotherInstallationRevokesWhatTheOneBeforeHad() throws Exception {
    byte[] csr = Csr.of("CN=w1", Csr.key());
    X509Certificate before = issued("id", csr);
    X509Certificate now = issued("another identity", csr);
    X509CRL list = list(true);
    assertNotNull(list.getRevokedCertificate(before.getSerialNumber()));
    assertNull(list.getRevokedCertificate(now.getSerialNumber()));
  }

  @Test
  void whoIsNotInTheRackFileIsOnTheListAndWhatHasExpiredIsNot() throws Exception {
    X509Certificate one = issued("id", Csr.of("CN=w1", Csr.key()));
    assertNotNull(list(false).getRevokedCertificate(one.getSerialNumber()));
    clock.pass(Duration.ofDays(366));
    assertNull(list(false).getRevokedCertificate(one.getSerialNumber()));
  }

  @Test
  void oneMachineCannotFillTheList() {
    byte[] csr = Csr.of("CN=w1", Csr.key());
    for (int i = 0; i < NodeCertificates.MOST; i++) {
      issued("id", csr);
    }
    assertTrue(refused(csr).startsWith("certificates: 32 that have not expired"));
  }

  @Test
  void aDamagedFileStopsTheStart() throws Exception {
    issued("id", Csr.of("CN=w1", Csr.key()));
    Files.writeString(data.resolve("certificates/52-54-00-bb-00-01.json"), "{\"identity\":\"x\"");
    TlsException refused = assertThrows(TlsException.class, this::reopen);
    assertTrue(String.valueOf(refused.getMessage()).contains("52-54-00-bb-00-01.json"));
  }
}
