// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import foundrybot.redfish.LeafTrust;
import foundrybot.redfish.Trust;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import okhttp3.Connection;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * Asks one address for the Redfish service root: one GET, without credentials, redirects or
 * repetitions.
 */
final class RedfishProbe implements AutoCloseable {
  private static final int USUAL_PORT = 443;

  /** Of a service that shows its root to nobody, or not yet: its header gives it away. */
  private static final Set<Integer> CLOSED = Set.of(401, 403, 503);

  private static final Set<Integer> ELSEWHERE = Set.of(301, 302, 307, 308, 404);

  /** The certificate that a connection began with; OkHttp keeps those of known issuers only. */
  private static final class Seen {
    private volatile String fingerprint = "";
  }

  private final ConnectionPool pool = new ConnectionPool(0, 1, TimeUnit.SECONDS);
  private final OkHttpClient client;

  RedfishProbe(Duration connect, Duration answer) {
    // Nothing secret is sent, so any certificate will do; which one it was is told.
    client =
        Wire.once(new Trust.Any(), pool, connect)
            .addNetworkInterceptor(RedfishProbe::note)
            .callTimeout(connect.plus(answer))
            .build();
  }

  private static Response note(Interceptor.Chain chain) throws IOException {
    Connection connection = chain.connection();
    Seen seen = chain.request().tag(Seen.class);
    if (seen != null
        && connection != null
        && connection.socket() instanceof SSLSocket tls
        && tls.getSession().getPeerCertificates()[0] instanceof X509Certificate shown) {
      seen.fingerprint = LeafTrust.fingerprint(shown);
    }
    return chain.proceed(chain.request());
  }

  /** What serves there; empty where nothing does, or something else. */
  Optional<FoundBmc.Redfish> probe(String host, int port) {
    HttpUrl root =
        new HttpUrl.Builder()
            .scheme("https")
            .host(host)
            .port(port)
            .addPathSegments("redfish/v1/")
            .build();
    // Some know their root without the slash only.
    HttpUrl bare = root.newBuilder().removePathSegment(root.pathSize() - 1).build();
    return probe(root, () -> probe(bare, Optional::empty));
  }

  private Optional<FoundBmc.Redfish> probe(
      HttpUrl root, Supplier<Optional<FoundBmc.Redfish>> otherwise) {
    Seen seen = new Seen();
    Request request =
        new Request.Builder()
            .url(root)
            .tag(Seen.class, seen)
            .header("OData-Version", "4.0")
            .header("Accept", "application/json")
            .header("Connection", "close")
            .build();
    try (Response response = client.newCall(request).execute()) {
      if (ELSEWHERE.contains(response.code())) {
        return otherwise.get();
      }
      String port = root.port() == USUAL_PORT ? "" : ":" + root.port();
      URI url = URI.create("https://" + root.host() + port);
      return root(response)
          .map(
              said ->
                  new FoundBmc.Redfish(
                      url,
                      said.version(),
                      said.vendor(),
                      said.product(),
                      said.uuid(),
                      seen.fingerprint));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<ServiceRoot> root(Response response) throws IOException {
    if (CLOSED.contains(response.code()) && response.header("OData-Version") != null) {
      return Optional.of(ServiceRoot.UNTOLD);
    }
    if (response.code() != 200) {
      return Optional.empty();
    }
    BufferedSource source = response.body().source();
    source.request(ServiceRoot.MAX_BYTES + 1);
    long length = Math.min(source.getBuffer().size(), ServiceRoot.MAX_BYTES + 1);
    return ServiceRoot.decode(source.readByteArray(length));
  }

  @Override
  public void close() {
    pool.evictAll();
  }
}
