// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCredential;
import io.netty.handler.ssl.OpenSslCredentialBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCounted;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * TLS 1.2 and 1.3 for the server's side (RFC 5246, RFC 8446): BoringSSL where its library loads,
 * the JDK's own elsewhere.
 */
final class Tls {
  /**
   * Forward secrecy first. The last four have none; they are all that iPXE before 2020 speaks
   * (which proposes nothing else, so nobody else gets them).
   */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_RSA_WITH_AES_128_CBC_SHA",
          "TLS_RSA_WITH_AES_256_CBC_SHA");

  static final String CURE =
      "if it does not trust the certificate, give it the CA that 'bootserver ca' prints";

  private final SslContext context;

  private Tls(SslContext context) {
    this.context = context;
  }

  /**
   * Makes ready to serve.
   *
   * @throws IllegalArgumentException if key and certificate do not belong together
   */
  static Tls of(TlsIdentity identity) {
    boolean boring = OpenSsl.isAvailable() && OpenSslCredential.isAvailable();
    return of(identity, boring ? SslProvider.OPENSSL : SslProvider.JDK);
  }

  /** The same, by this library. */
  static Tls of(TlsIdentity identity, SslProvider provider) {
    TlsIdentity.Proof last = identity.proofs().getLast();
    List<OpenSslCredential> others = new ArrayList<>();
    try {
      SslContextBuilder builder = SslContextBuilder.forServer(last.key(), chain(last));
      if (provider != SslProvider.JDK) {
        // Tried in their order, and the context's own key after them. The JDK's choice would look
        // at suites alone, and fail with a client that has one for a key whose signatures it lacks.
        for (TlsIdentity.Proof proof : identity.proofs().subList(0, identity.proofs().size() - 1)) {
          others.add(OpenSslCredentialBuilder.forX509(proof.key(), chain(proof)).build());
        }
        builder.addCredentials(others);
      }
      return new Tls(
          builder
              .sslProvider(provider)
              .protocols("TLSv1.3", "TLSv1.2")
              .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
              .build());
    } catch (SSLException e) {
      throw new IllegalArgumentException("certificate and key: " + e.getMessage(), e);
    } finally {
      // The context has counted itself as a user of each.
      others.forEach(ReferenceCounted::release);
    }
  }

  private static X509Certificate[] chain(TlsIdentity.Proof proof) {
    return proof.chain().toArray(X509Certificate[]::new);
  }

  SslHandler handler(ByteBufAllocator buffers, Duration patience) {
    SslHandler handler = context.newHandler(buffers);
    handler.setHandshakeTimeoutMillis(patience.toMillis());
    // Who has all of its answer need not say good-bye in the way of RFC 8446 section 6.1.
    handler.setCloseNotifyReadTimeoutMillis(0);
    return handler;
  }

  /** Says that no more comes, in the way of TLS where it is spoken, and in that of TCP. */
  static void endOutput(DuplexChannel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      var _ = channel.shutdownOutput();
      return;
    }
    var _ =
        tls.closeOutbound()
            .addListener(
                _ -> {
                  var _ = channel.shutdownOutput();
                });
  }

  /** Why a client went away, in words that an operator can act on. */
  static String reason(SSLException fault) {
    String said = String.valueOf(fault.getMessage()).toLowerCase(Locale.ROOT).replace('_', ' ');
    if (said.contains("not an ssl/tls record") || said.contains("http request")) {
      return "no TLS: plain HTTP, or another protocol, on the HTTPS port";
    }
    if (said.contains("unknown ca")
        || said.contains("bad certificate")
        || said.contains("certificate unknown")) {
      return "the client refused the certificate; " + CURE;
    }
    if (said.contains("version") || said.contains("unsupported protocol")) {
      return "the client speaks no TLS 1.2 or 1.3";
    }
    if (said.contains("no shared cipher") || said.contains("cipher suites in common")) {
      return "no cipher suite in common";
    }
    return "TLS handshake failed";
  }
}
