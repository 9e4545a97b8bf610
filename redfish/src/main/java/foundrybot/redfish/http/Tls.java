// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.http;

import foundrybot.redfish.LeafTrust;
import foundrybot.redfish.Trust;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** Turns {@link Trust} into what a TLS client asks. */
final class Tls {
  private Tls() {}

  /**
   * A pinned certificate is compared whole, so neither its name nor its dates matter; one that an
   * authority has signed must also name the host.
   */
  static void apply(OkHttpClient.Builder client, Trust trust) {
    X509TrustManager manager =
        switch (trust) {
          case Trust.Authority(List<X509Certificate> certificates) -> authority(certificates);
          case Trust.Fingerprint(String sha256) -> new LeafTrust(seen -> sha256);
          case Trust.FirstUse(Trust.Memory memory) -> new LeafTrust(memory);
          case Trust.Any any -> new LeafTrust(seen -> seen);
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
}
