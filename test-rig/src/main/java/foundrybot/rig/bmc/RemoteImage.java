// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import foundrybot.redfish.Trust;
import foundrybot.redfish.http.NoAnswer;
import foundrybot.redfish.http.Wire;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.SocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * An image on a web server as a BMC reads it: its length first, and then, as the machine reads, one
 * piece after the other by ranges (RFC 9110, section 14). A few pieces are kept, so what firmware
 * reads again and again in small bits is asked for once.
 */
final class RemoteImage implements Disk, AutoCloseable {
  /** What one request asks for, in bytes. */
  static final int PIECE = 128 << 10;

  private static final int MOST_KEPT = 64;
  private static final long MOST_BYTES = 64L << 30;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})");
  private static final Trust PUBLIC = new Trust.Authority(publicAuthorities());

  /**
   * How it is asked for.
   *
   * @param network makes the sockets
   * @param verifies whether the server's certificate must be of a public authority, and name it
   * @param headFirst whether the length is asked for by HEAD; if not, by the range of one byte
   */
  record Way(SocketFactory network, boolean verifies, boolean headFirst) {}

  /** Why one cannot be played. */
  enum Why {
    CERTIFICATE,
    UNREACHABLE,
    NO_SUCH,
    NO_LENGTH,
    NO_RANGES
  }

  /** What came of opening one. */
  sealed interface Opened {
    record Ready(RemoteImage image) implements Opened {}

    /**
     * It cannot be played.
     *
     * @param said for people
     */
    record Refused(Why why, String said) implements Opened {}
  }

  private final OkHttpClient client;
  private final URI url;
  private final long size;
  private final AtomicInteger requests;
  private final Map<Long, byte[]> kept = new LinkedHashMap<>(MOST_KEPT, 0.75f, true);

  private RemoteImage(OkHttpClient client, URI url, long size, AtomicInteger requests) {
    this.client = client;
    this.url = url;
    this.size = size;
    this.requests = requests;
  }

  /**
   * Asks for its length; blocks for 25 s at most.
   *
   * @param url http or https
   */
  static Opened open(URI url, Way way) {
    OkHttpClient client =
        Wire.once(
                way.verifies() ? PUBLIC : new Trust.Any(),
                new ConnectionPool(1, 20, TimeUnit.SECONDS),
                CONNECT)
            // A connection that has lain idle may be gone; whoever only reads may ask again.
            .retryOnConnectionFailure(true)
            .socketFactory(way.network())
            .readTimeout(ANSWER)
            .build();
    Request.Builder request = new Request.Builder().url(url.toString());
    try (Response response =
        client
            .newCall(
                way.headFirst()
                    ? request.head().build()
                    : request.header("Range", "bytes=0-0").build())
            .execute()) {
      return opened(client, url, way, response);
    } catch (IOException e) {
      return NoAnswer.untrusted(e)
          .map(said -> new Opened.Refused(Why.CERTIFICATE, said))
          .orElseGet(() -> new Opened.Refused(Why.UNREACHABLE, NoAnswer.reason(e, ANSWER)));
    }
  }

  private static Opened opened(OkHttpClient client, URI url, Way way, Response response) {
    if (!response.isSuccessful()) {
      return new Opened.Refused(Why.NO_SUCH, "status " + response.code());
    }
    if (!way.headFirst() && response.code() != 206) {
      return new Opened.Refused(
          Why.NO_RANGES, "status " + response.code() + " to a range (expected: 206)");
    }
    long size =
        way.headFirst()
            ? number(header(response, "Content-Length"))
            : total(header(response, "Content-Range"));
    return size > 0 && size <= MOST_BYTES
        ? new Opened.Ready(new RemoteImage(client, url, size, new AtomicInteger(1)))
        : new Opened.Refused(Why.NO_LENGTH, "no length that can be used");
  }

  private static String header(Response response, String name) {
    String value = response.header(name);
    return value == null ? "" : value;
  }

  private static long number(String text) {
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  private static long total(String contentRange) {
    Matcher matcher = CONTENT_RANGE.matcher(contentRange);
    return matcher.matches() ? Long.parseLong(matcher.group(3)) : -1;
  }

  @Override
  public long size() {
    return size;
  }

  /** How often its server was asked. */
  int requests() {
    return requests.get();
  }

  @Override
  public synchronized byte[] read(long offset, int length) throws IOException {
    byte[] all = new byte[length];
    int done = 0;
    while (done < length) {
      long place = offset + done;
      byte[] piece = piece(place / PIECE);
      int from = (int) (place % PIECE);
      int count = Math.min(length - done, piece.length - from);
      System.arraycopy(piece, from, all, done, count);
      done += count;
    }
    return all;
  }

  private byte[] piece(long number) throws IOException {
    byte[] known = kept.get(number);
    if (known != null) {
      return known;
    }
    byte[] fetched = fetch(number * PIECE, Math.min(size, (number + 1) * PIECE) - 1);
    if (kept.size() >= MOST_KEPT) {
      kept.remove(kept.keySet().iterator().next());
    }
    kept.put(number, fetched);
    return fetched;
  }

  private byte[] fetch(long first, long last) throws IOException {
    requests.incrementAndGet();
    Request request =
        new Request.Builder()
            .url(url.toString())
            .header("Range", "bytes=" + first + "-" + last)
            .build();
    try (Response response = client.newCall(request).execute()) {
      String range = header(response, "Content-Range");
      String wanted = "bytes " + first + "-" + last + "/" + size;
      if (response.code() != 206 || !range.equals(wanted)) {
        throw new IOException(
            "image: status " + response.code() + ", '" + range + "' (expected: " + wanted + ")");
      }
      BufferedSource body = response.body().source();
      byte[] bytes = body.readByteArray(last - first + 1);
      if (!body.exhausted()) {
        throw new IOException("image: more than the range " + wanted);
      }
      return bytes;
    }
  }

  /** Ends its connections. */
  @Override
  public void close() {
    client.connectionPool().evictAll();
  }

  private static List<java.security.cert.X509Certificate> publicAuthorities() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager found) {
          return List.of(found.getAcceptedIssuers());
        }
      }
      throw new IllegalStateException("this JDK checks no certificates");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK checks no certificates", e);
    }
  }
}
