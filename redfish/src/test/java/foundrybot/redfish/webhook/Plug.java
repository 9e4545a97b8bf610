// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;

/** A smart plug on loopback that wants a key, and whose relay sticks or answers badly if told. */
final class Plug implements AutoCloseable {
  static final String KEY = "k3y of/the+plug";

  /** What it does instead of its duty. */
  enum Fault {
    NONE,
    /** Says yes and does nothing. */
    STUCK,
    /** Does it, and drops the connection. */
    LOST_ANSWER,
    /** Drops the connection and does nothing. */
    DROPPED,
    BUSY_ONCE,
    ECHO_500
  }

  final AtomicBoolean on = new AtomicBoolean();
  final List<String> requests = new CopyOnWriteArrayList<>();
  private final String scheme;
  private final HttpServer server;
  private volatile Fault fault = Fault.NONE;

  Plug() throws IOException {
    this("http", HttpServer.create(anyPort(), 10));
  }

  private Plug(String scheme, HttpServer server) {
    this.scheme = scheme;
    this.server = server;
    server.createContext("/", this::answer);
    server.start();
  }

  /** One that speaks TLS and shows the certificate of that context. */
  static Plug secure(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new Plug("https", server);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  void plays(Fault fault) {
    this.fault = fault;
  }

  URI url() {
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  long count(String part) {
    return requests.stream().filter(r -> r.contains(part)).count();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String request =
        (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body).strip();
    requests.add(request);
    String key = exchange.getRequestHeaders().getFirst("X-Key");
    boolean known =
        KEY.equals(key)
            || request.contains("key=k3y%20of%2Fthe%2Bplug")
            || "Basic b3BzOmszeSBvZi90aGUrcGx1Zw=="
                .equals(exchange.getRequestHeaders().getFirst("Authorization"));
    if (!known) {
      say(exchange, 401, "no");
      return;
    }
    boolean switching = request.contains("turn") || request.contains("cycle");
    switch (switching ? fault : Fault.NONE) {
      case STUCK -> say(exchange, 200, "{}");
      case DROPPED -> exchange.close();
      case LOST_ANSWER -> {
        turn(request);
        exchange.close();
      }
      case BUSY_ONCE -> {
        fault = Fault.NONE;
        say(exchange, 503, "later");
      }
      case ECHO_500 -> say(exchange, 500, "bad key " + KEY);
      case NONE -> {
        turn(request);
        say(exchange, 200, "{\"relay\":[{\"ison\":" + on.get() + "}],\"text\":\"" + word() + "\"}");
      }
    }
  }

  private String word() {
    return on.get() ? "outlet is ON, none other" : "outlet is OFF";
  }

  private void turn(String request) {
    if (request.contains("turn=on") || request.contains("\"turn\":\"on\"")) {
      on.set(true);
    } else if (request.contains("turn=off")) {
      on.set(false);
    } else if (request.contains("cycle")) {
      on.set(true);
    }
  }

  private static void say(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
