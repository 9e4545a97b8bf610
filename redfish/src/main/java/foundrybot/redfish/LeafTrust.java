// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server by its own certificate alone, whoever signed it and whatever name and dates are
 * in it.
 *
 * <p>It is of the "extended" kind, because the JDK adds rules of its own to any other, which old
 * BMCs' certificates do not pass.
 */
public final class LeafTrust extends X509ExtendedTrustManager {
  private final Trust.Memory memory;

  /** Asks for each certificate that is shown; what throws or names another one is refused. */
  public LeafTrust(Trust.Memory memory) {
    this.memory = memory;
  }

  /** One that takes exactly these certificates; at least one. */
  public static LeafTrust anyOf(List<X509Certificate> certificates) {
    Set<String> known =
        certificates.stream()
            .map(LeafTrust::fingerprint)
            .collect(Collectors.toCollection(TreeSet::new));
    String expected = String.join(" or sha256:", known);
    return new LeafTrust(seen -> known.contains(seen) ? seen : expected);
  }

  /** SHA-256 of the certificate's DER, 64 lower-case hexadecimal digits. */
  public static String fingerprint(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(digest);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("the certificate has no DER: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** For a TLS client that trusts so; the name of the host is the client's to check or not. */
  public SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {this}, new SecureRandom());
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (chain.length == 0) {
      throw new CertificateException("no certificate was shown");
    }
    String seen = fingerprint(chain[0]);
    String trusted;
    try {
      trusted = memory.trusted(seen);
    } catch (RuntimeException e) {
      throw new CertificateException("sha256:" + seen + " is refused: " + e.getMessage(), e);
    }
    if (!seen.equals(trusted)) {
      throw new CertificateException(
          "certificate sha256:" + seen + " (expected: sha256:" + trusted + ")");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("no clients here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("no clients here");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("no clients here");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
