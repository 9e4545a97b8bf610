// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.http;

import foundrybot.redfish.Trust;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** Turns {@link Trust} into what a TLS client asks. */
public final class Tls {
  private Tls() {}

  /** The certificate's fingerprint, as {@code trust:} of the rack file has it. */
  public static String fingerprint(X509Certificate certificate) throws CertificateException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(digest);
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the certificate cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A pinned certificate is compared whole, so neither its name nor its dates matter; one that an
   * authority has signed must also name the host.
   */
  static void apply(OkHttpClient.Builder client, Trust trust) {
    X509TrustManager manager =
        switch (trust) {
          case Trust.Authority(List<X509Certificate> certificates) -> authority(certificates);
          case Trust.Fingerprint(String sha256) -> new Leaf(seen -> sha256);
          case Trust.FirstUse(Trust.Memory memory) -> new Leaf(memory);
          case Trust.Any any -> new Leaf(seen -> seen);
        };
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {manager}, new SecureRandom());
      client.sslSocketFactory(context.getSocketFactory(), manager);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK speaks no TLS", e);
    }
    if (!(trust instanceof Trust.Authority)) {
      client.hostnameVerifier((host, session) -> true);
    }
  }

  private static X509TrustManager authority(List<X509Certificate> certificates) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("ca" + i, certificates.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager found) {
          return found;
        }
      }
      throw new IllegalStateException("this JDK checks no certificates");
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("ca: " + e.getMessage(), e);
    }
  }

  /**
   * Compares the leaf with the one that is trusted. The "extended" kind, because the JDK adds rules
   * of its own to any other, which old BMCs' certificates do not pass.
   */
  private static final class Leaf extends X509ExtendedTrustManager {
    private final Trust.Memory memory;

    Leaf(Trust.Memory memory) {
      this.memory = memory;
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
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
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
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
