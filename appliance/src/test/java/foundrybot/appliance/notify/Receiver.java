// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.notify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small real receiver on loopback: it does what it is told, else it takes everything. */
public final class Receiver implements AutoCloseable {
  /** What signs in the tests: 24 bytes. */
  public static final String KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** One request. */
  public record Got(String path, Map<String, String> headers, String body) {
    public String id() {
      return headers.getOrDefault("webhook-id", "");
    }

    public JsonNode json() {
      return JSON.readTree(body);
    }

    public String type() {
      return json().get("type").asString();
    }

    /** By a computation of the receiver's own, as it has nothing but the specification. */
    public boolean isSigned() {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        byte[] key = java.util.Base64.getDecoder().decode(KEY.substring(6));
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        String text = id() + "." + headers.get("webhook-timestamp") + "." + body;
        String sum =
            java.util.Base64.getEncoder()
                .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        return ("v1," + sum).equals(headers.get("webhook-signature"));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What it does with one request, instead of taking it. */
  public interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Got> got = new ArrayList<>();
  private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failing = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  private Receiver(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::take);
    server.start();
  }

  public static Receiver start() throws IOException {
    return new Receiver(HttpServer.create(loopback(), 0));
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** A key and its certificate, made with keytool. */
  record Identity(KeyStore store, String sha256) {
    static Identity make(Path folder) throws Exception {
      Path file = folder.resolve("receiver.p12");
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "r",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=receiver",
                  "-ext",
                  "san=ip:127.0.0.1",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  "secret",
                  "-keystore",
                  file.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, keytool.waitFor(), said);
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        store.load(in, "secret".toCharArray());
      }
      byte[] leaf = store.getCertificate("r").getEncoded();
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(leaf);
      Files.writeString(
          folder.resolve("receiver.pem"),
          "-----BEGIN CERTIFICATE-----\n"
              + java.util.Base64.getMimeEncoder().encodeToString(leaf)
              + "\n-----END CERTIFICATE-----\n");
      return new Identity(store, HexFormat.of().formatHex(sum));
    }
  }

  /** By TLS. */
  static Receiver start(Identity identity) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(identity.store(), "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(loopback(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new Receiver(server);
  }

  public String url() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return scheme + "://127.0.0.1:" + port() + "/in";
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> headers = new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    synchronized (got) {
      got.add(new Got(exchange.getRequestURI().toString(), headers, body));
      got.notifyAll();
    }
    Answer answer = next.poll();
    if (answer == null && failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      exchange.sendResponseHeaders(500, -1);
    } else if (answer == null) {
      exchange.sendResponseHeaders(204, -1);
    } else {
      answer.to(exchange);
    }
    exchange.close();
  }

  /** The next request is answered so. */
  Receiver then(int status, String text, String... headers) {
    next.add(
        exchange -> {
          for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
          }
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
        });
    return this;
  }

  /** So many of the next requests fail. */
  public void thenFail(int number) {
    failing.set(number);
  }

  /** The next request is answered so. */
  Receiver then(Answer answer) {
    next.add(answer);
    return this;
  }

  /** The next request is not answered at all. */
  Receiver thenHang() {
    next.add(
        _ -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return this;
  }

  public List<Got> got() {
    synchronized (got) {
      return List.copyOf(got);
    }
  }

  /** Waits until it got as many. */
  public List<Got> await(int number) throws InterruptedException {
    long until = System.nanoTime() + 15_000_000_000L;
    synchronized (got) {
      while (got.size() < number) {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError(got.size() + " of " + number + " came: " + got);
        }
        got.wait(left);
      }
      return List.copyOf(got);
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
      Files.setPosixFilePermissions(
          file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
