// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A web server with one image, on loopback, that notes what it is asked. */
final class ImageServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]+)-([0-9]+)");

  /** What it does of that which a BMC may need. */
  enum Kind {
    /** HEAD with the length, and ranges. */
    WHOLE,
    /** No length to HEAD. */
    WITHOUT_LENGTH,
    /** The whole image, whatever range is asked for. */
    WITHOUT_RANGES
  }

  private final HttpServer server;
  private final byte[] image;
  private final Kind kind;
  private final String scheme;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private ImageServer(HttpServer server, byte[] image, Kind kind, String scheme) {
    this.server = server;
    this.image = image;
    this.kind = kind;
    this.scheme = scheme;
  }

  static ImageServer http(byte[] image, Kind kind) throws IOException {
    return start(HttpServer.create(free(), 0), image, kind, "http");
  }

  /** With a certificate that it has signed itself. */
  static ImageServer https(byte[] image) throws IOException {
    HttpsServer server = HttpsServer.create(free(), 0);
    Identity identity = Identity.of(InetAddress.getLoopbackAddress(), false);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.context()));
    return start(server, image, Kind.WHOLE, "https");
  }

  private static InetSocketAddress free() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static ImageServer start(HttpServer server, byte[] image, Kind kind, String scheme) {
    ImageServer started = new ImageServer(server, image, kind, scheme);
    server.createContext("/n1.iso", started::answer);
    server.start();
    return started;
  }

  URI url() {
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + "/n1.iso");
  }

  /** Method and range of each request, in order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range =
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")).orElse("all");
      asked.add(exchange.getRequestMethod() + " " + range);
      if (exchange.getRequestMethod().equals("HEAD")) {
        if (kind != Kind.WITHOUT_LENGTH) {
          exchange.getResponseHeaders().set("Content-Length", Integer.toString(image.length));
        }
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      Matcher part = RANGE.matcher(range);
      if (kind == Kind.WITHOUT_RANGES || !part.matches()) {
        exchange.sendResponseHeaders(200, image.length);
        exchange.getResponseBody().write(image);
        return;
      }
      int first = Integer.parseInt(part.group(1));
      int last = Integer.parseInt(part.group(2));
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + first + "-" + last + "/" + image.length);
      exchange.sendResponseHeaders(206, last - first + 1);
      exchange.getResponseBody().write(image, first, last - first + 1);
    }
  }

  /** It goes away. */
  @Override
  public void close() {
    server.stop(0);
  }
}
