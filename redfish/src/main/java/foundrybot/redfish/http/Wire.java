// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.http;

import foundrybot.redfish.Trust;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.GzipSource;
import okio.Source;

/**
 * Sends one request, once, and reads the answer: every repetition is decided above.
 *
 * <p>OkHttp by itself sends a POST again over a new connection when the old one breaks, although
 * the BMC may have carried it out, and again after 503 with {@code Retry-After: 0}; both are off.
 */
public final class Wire implements AutoCloseable {

  /** No resource of a BMC is longer. */
  public static final int MAX_BODY = 8 << 20;

  /** Where OkHttp does not look for it. */
  private static final String RETRY_AFTER = "FoundryBot-Retry-After";

  /**
   * An answer.
   *
   * @param reason the words behind the status, in which some services say what is wrong
   * @param whole false where the body was cut off
   */
  public record Reply(int status, String reason, Headers headers, ByteString body, boolean whole) {
    /** Its value; empty where there is none. */
    public String header(String name) {
      String value = headers.get(name.equals("Retry-After") ? RETRY_AFTER : name);
      return value == null ? "" : value;
    }
  }

  /** The connection failed before anything of the request was sent: it was not carried out. */
  public static final class Unsent extends IOException {
    Unsent(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** More than {@link #MAX_BODY}. */
  public static final class TooLong extends IOException {
    TooLong() {
      super("more than " + (MAX_BODY >> 20) + " MiB");
    }
  }

  private final Progress progress = new Progress();
  private final ConnectionPool pool = new ConnectionPool(1, 20, TimeUnit.SECONDS);
  private final OkHttpClient client;
  private final int most;

  /** Whether what is longer is an error, or else is cut off. */
  private final boolean strict;

  /**
   * Sends nothing yet.
   *
   * @param connect for a TCP connection and its TLS, each
   * @param read for the next byte of an answer
   */
  public Wire(Trust trust, Duration connect, Duration read) {
    this(trust, connect, read, MAX_BODY, true);
  }

  private Wire(Trust trust, Duration connect, Duration read, int most, boolean strict) {
    this.most = most;
    this.strict = strict;
    OkHttpClient.Builder builder =
        once(trust, pool, connect)
            .eventListener(progress)
            .addNetworkInterceptor(chain -> hidden(chain.proceed(chain.request())))
            .writeTimeout(connect)
            .readTimeout(read);
    client = builder.build();
  }

  /**
   * One for whom the status is what counts: of an answer it reads the beginning.
   *
   * @param most bytes that are read
   */
  public static Wire reading(Trust trust, Duration connect, Duration read, int most) {
    return new Wire(trust, connect, read, most, false);
  }

  /**
   * A client that sends each request once, to the host it is for: no repetitions, redirects,
   * proxies or second addresses.
   *
   * @param connect for a TCP connection
   */
  public static OkHttpClient.Builder once(Trust trust, ConnectionPool pool, Duration connect) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .retryOnConnectionFailure(false)
            .followRedirects(false)
            .followSslRedirects(false)
            .fastFallback(false)
            .proxy(Proxy.NO_PROXY)
            .protocols(List.of(Protocol.HTTP_1_1))
            .connectionPool(pool)
            .connectTimeout(connect);
    Tls.apply(builder, trust);
    return builder;
  }

  /**
   * Sends it.
   *
   * @param fresh not over a connection that the BMC may have given up meanwhile
   * @param limit for all of it
   * @throws Unsent if it was surely not carried out
   */
  public Reply send(Request request, boolean fresh, Duration limit) throws IOException {
    if (fresh) {
      pool.evictAll();
    }
    progress.reset();
    Call call = client.newCall(request);
    call.timeout().timeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
    try (Response response = call.execute()) {
      return read(response);
    } catch (TooLong e) {
      throw e;
    } catch (IOException e) {
      throw progress.sent ? e : new Unsent(e);
    }
  }

  /** Whether the last request went over a connection that earlier ones had used. */
  public boolean reused() {
    return !progress.connected;
  }

  @Override
  public void close() {
    pool.evictAll();
  }

  private Reply read(Response response) throws IOException {
    Buffer body = new Buffer();
    boolean whole = true;
    try {
      Source source = content(response);
      while (whole && source.read(body, 64 << 10) != -1) {
        if (body.size() > most && strict) {
          throw new TooLong();
        }
        whole = body.size() <= most;
      }
    } catch (TooLong e) {
      throw e;
    } catch (IOException e) {
      // The status has been read, so what was asked is decided; only what it says is lost.
      whole = false;
    }
    return new Reply(
        response.code(),
        response.message(),
        response.headers(),
        body.readByteString(Math.min(body.size(), most)),
        whole);
  }

  /** Unpacked, also where nobody has asked for it packed; what is unpacked counts. */
  private static Source content(Response response) throws IOException {
    BufferedSource source = response.body().source();
    boolean packed = "gzip".equalsIgnoreCase(response.header("Content-Encoding", ""));
    return packed && !source.exhausted() ? new GzipSource(source) : source;
  }

  private static Response hidden(Response response) {
    String value = response.header("Retry-After");
    return value == null
        ? response
        : response.newBuilder().removeHeader("Retry-After").header(RETRY_AFTER, value).build();
  }

  /** How far the one request that is under way has come. */
  private static final class Progress extends EventListener {
    private volatile boolean sent;
    private volatile boolean connected;

    void reset() {
      sent = false;
      connected = false;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
      connected = true;
    }

    @Override
    public void requestHeadersStart(Call call) {
      sent = true;
    }
  }
}
