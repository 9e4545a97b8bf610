// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on loopback with a handler that has something of everything, and its clients. */
final class HttpRig implements AutoCloseable {
  static final MacAddress MAC = new MacAddress(0x525400aa0001L);

  final List<WireEvent> events = new CopyOnWriteArrayList<>();
  final List<HttpRequestView> requests = new CopyOnWriteArrayList<>();
  final EventLoops loops = EventLoops.start(2);
  final byte[] big = new byte[3_000_017];
  final HttpServer server;
  private final Path dir;

  HttpRig(Path dir, HttpSettings.Limits limits) throws IOException {
    this(dir, HttpSettings.on(InetAddress.getLoopbackAddress(), 0).with(limits));
  }

  HttpRig(Path dir, HttpSettings settings) throws IOException {
    this.dir = dir;
    new Random(7).nextBytes(big);
    Files.write(dir.resolve("big"), big);
    server =
        HttpServer.start(
            settings,
            loops,
            new HttpHandler() {
              @Override
              public CompletionStage<HttpAnswer> handle(HttpRequestView request) {
                return HttpRig.this.handle(request);
              }

              @Override
              public int bodyLimit(HttpRequestView request) {
                return request.path().equals("/unwanted") ? 0 : 1 << 20;
              }
            },
            events::add);
  }

  @Override
  public void close() {
    server.close();
    loops.close();
  }

  CompletionStage<HttpAnswer> handle(HttpRequestView request) {
    requests.add(request);
    return switch (request.path()) {
      case "/big" -> done(file("big", big.length));
      case "/short" -> done(file("big", big.length + 1L));
      case "/missing" -> done(file("missing", 5));
      case "/script" -> done(HttpAnswer.Body.text(200, "#!ipxe\n", "script").of(MAC));
      case "/none" -> done(HttpAnswer.Body.none("callback"));
      case "/echo" -> done(HttpAnswer.Body.of(201, "text/plain", request.body(), "echo"));
      case "/split" ->
          done(HttpAnswer.Body.text(200, "x", "split").with(Map.of("X", "a\r\nSet-Cookie: b")));
      case "/throws" -> throw new IllegalStateException("secret of the program");
      case "/fails" -> CompletableFuture.failedFuture(new IllegalStateException("secret"));
      case "/never" -> new CompletableFuture<>();
      case "/later" ->
          CompletableFuture.supplyAsync(
              () -> {
                pause(50);
                return HttpAnswer.Body.text(200, "later", "later");
              });
      default -> done(HttpAnswer.Body.text(404, "not found\n", "unknown"));
    };
  }

  private HttpAnswer.File file(String name, long size) {
    return HttpAnswer.File.of(
            dir.resolve(name), size, "application/octet-stream", "\"d1\"", "kernel")
        .of(MAC);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  /** A request's lines, each ended as HTTP wants it, and the empty line. */
  static String request(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /** Everything until the server ends the connection. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      send(socket, request);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    while (text.indexOf(end) < 0) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      text.append((char) b);
    }
    return text.toString();
  }

  WireEvent await(String kind) {
    for (int i = 0; i < 500; i++) {
      for (WireEvent event : events) {
        if (event.kind().equals(kind)) {
          return event;
        }
      }
      pause(10);
    }
    throw new AssertionError("no event " + kind + " in " + events);
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
