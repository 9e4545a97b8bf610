// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which certificate is shown to whom, by the JDK's client against each library. */
@Timeout(60)
class TlsTest {
  private static final String[] RSA_ALONE = {"rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"};
  private static final String[] EC_ALONE = {"ecdsa_secp256r1_sha256"};

  @TempDir static Path dir;
  private static TlsIdentity.Proof curve;
  private static TlsIdentity.Proof rsa;

  @BeforeAll
  static void make() throws Exception {
    curve = OwnProof.make(dir, "EC", 256);
    rsa = OwnProof.make(dir, "RSA", 2048);
  }

  /**
   * The name in the certificate that the client has been shown; empty if there was no handshake.
   */
  private static Optional<String> shown(Tls tls, String version, String suite, String... signatures)
      throws Exception {
    SSLContext trusting = OwnProof.trusting(List.of(curve, rsa));
    SSLEngine engine = trusting.createSSLEngine("127.0.0.1", 1);
    engine.setUseClientMode(true);
    SSLParameters wants = engine.getSSLParameters();
    wants.setProtocols(new String[] {version});
    if (!suite.isEmpty()) {
      wants.setCipherSuites(new String[] {suite});
    }
    if (signatures.length > 0) {
      wants.setSignatureSchemes(signatures);
    }
    engine.setSSLParameters(wants);
    SslHandler served = tls.handler(UnpooledByteBufAllocator.DEFAULT, Duration.ofSeconds(9));
    SslHandler asking = new SslHandler(engine);
    EmbeddedChannel server = new EmbeddedChannel(served);
    EmbeddedChannel client = new EmbeddedChannel(asking);
    try {
      for (boolean moved = true; moved; ) {
        moved = carry(client, server);
        moved |= carry(server, client);
        client.runPendingTasks();
        server.runPendingTasks();
      }
      return asking.handshakeFuture().isSuccess()
          ? Optional.of(engine.getSession().getPeerPrincipal().getName())
          : Optional.empty();
    } finally {
      ignoringFaults(client);
      ignoringFaults(server);
    }
  }

  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
    boolean any = false;
    for (ByteBuf next; (next = from.readOutbound()) != null; any = true) {
      if (!to.isOpen()) {
        next.release();
        continue;
      }
      try {
        to.writeInbound(next);
      } catch (DecoderException e) {
        // A handshake that fails says so by its future, too.
      }
    }
    return any;
  }

  private static void ignoringFaults(EmbeddedChannel channel) {
    try {
      channel.finishAndReleaseAll();
    } catch (Exception e) {
      // Of the handshake, again.
    }
  }

  @Test
  void aClientIsShownTheFirstCertificateThatItCanVerify() throws Exception {
    Tls both = Tls.of(new TlsIdentity(List.of(curve, rsa)), SslProvider.OPENSSL);
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      assertEquals(Optional.of("CN=EC"), shown(both, version, ""));
      assertEquals(Optional.of("CN=RSA"), shown(both, version, "", RSA_ALONE));
      assertEquals(Optional.of("CN=EC"), shown(both, version, "", EC_ALONE));
    }
    for (String suite :
        List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")) {
      assertEquals(Optional.of("CN=RSA"), shown(both, "TLSv1.2", suite));
    }
  }

  @Test
  void theJdksTlsShowsEverybodyTheLastOne() throws Exception {
    Tls both = Tls.of(new TlsIdentity(List.of(curve, rsa)), SslProvider.JDK);
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      assertEquals(Optional.of("CN=RSA"), shown(both, version, ""));
      assertEquals(Optional.of("CN=RSA"), shown(both, version, "", RSA_ALONE));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"OPENSSL", "JDK"})
  void aCertificateOfTheUsersIsShownToAllOrNobody(SslProvider provider) throws Exception {
    Tls one = Tls.of(TlsIdentity.of(rsa.chain(), rsa.key()), provider);
    assertEquals(Optional.of("CN=RSA"), shown(one, "TLSv1.3", ""));
    assertEquals(Optional.empty(), shown(one, "TLSv1.3", "", EC_ALONE));
    Tls other = Tls.of(TlsIdentity.of(curve.chain(), curve.key()), provider);
    assertEquals(Optional.of("CN=EC"), shown(other, "TLSv1.2", ""));
    assertEquals(Optional.empty(), shown(other, "TLSv1.2", "", RSA_ALONE));
  }

  @Test
  void aKeyIsInNoText() {
    String text = new TlsIdentity(List.of(curve, rsa)).toString();
    assertTrue(text.contains("EC:CN=EC"), text);
    assertFalse(text.contains("Private"), text);
  }
}
