// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A small HTTP/1.1 server (RFC 9112) that can misbehave: it resets connections, cuts bodies and
 * keeps silent when told to. One virtual thread per connection, so hundreds of ports are cheap.
 */
final class HttpPort implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_LINE = 8 * 1024;
  private static final int MOST_HEADERS = 64;
  private static final int MOST_BODY = 1 << 20;
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration ENDING = Duration.ofSeconds(5);

  private final ServerSocket server;
  private final Optional<SSLContext> tls;
  private final Map<String, String> always;
  private final Function<Request, Reply> handler;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("bmc-", 0).factory());

  private HttpPort(
      ServerSocket server,
      Optional<SSLContext> tls,
      Map<String, String> always,
      Function<Request, Reply> handler) {
    this.server = server;
    this.tls = tls;
    this.always = Map.copyOf(always);
    this.handler = handler;
  }

  /**
   * Opens a port.
   *
   * @param address port 0 for any free one
   */
  static ServerSocket listen(InetSocketAddress address) {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(address, MOST_CONNECTIONS);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "tcp "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + e.getMessage()
              + " (expected: a free port on an address of this host)",
          e);
    }
  }

  /**
   * Serves until closed.
   *
   * @param server is closed with it
   * @param always headers of each answer
   * @param handler called by any number of threads at a time
   */
  static HttpPort open(
      ServerSocket server,
      Optional<SSLContext> tls,
      Map<String, String> always,
      Function<Request, Reply> handler) {
    HttpPort port = new HttpPort(server, tls, always, handler);
    port.threads.execute(port::accept);
    return port;
  }

  int number() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (open.size() >= MOST_CONNECTIONS) {
          socket.close();
        } else {
          open.add(socket);
          threads.execute(() -> serve(socket));
        }
      } catch (IOException e) {
        // The port is closed, or the client has gone before it was served.
      }
    }
  }

  private void serve(Socket raw) {
    try (raw) {
      raw.setTcpNoDelay(true);
      raw.setSoTimeout((int) IDLE.toMillis());
      Socket socket = raw;
      if (tls.isPresent()) {
        SSLSocket secure =
            (SSLSocket)
                tls.get().getSocketFactory().createSocket(raw, InputStream.nullInputStream(), true);
        secure.startHandshake();
        socket = secure;
      }
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      int count = 0;
      while (true) {
        Optional<Request> request = read(in, ++count);
        if (request.isEmpty() || !answer(request.get(), raw, in, out)) {
          break;
        }
      }
      if (!raw.isClosed()) {
        // With TLS this says good-bye; a cut-off body is cut by an orderly end, too.
        socket.close();
      }
    } catch (IOException e) {
      // The client has gone, or spoke no HTTP; a BMC has nobody to tell that.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(raw);
    }
  }

  /** Whether the connection goes on. */
  private boolean answer(Request request, Socket raw, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    Reply reply = handler.apply(request);
    Thread.sleep(reply.delay());
    boolean keep = !request.header("connection").orElse("").equalsIgnoreCase("close");
    switch (reply.delivery()) {
      case WHOLE -> out.write(bytes(request, reply, keep));
      case CUT -> {
        out.write(bytes(request, reply, keep));
        keep = false;
      }
      case RESET -> {
        raw.setSoLinger(true, 0);
        raw.close();
        keep = false;
      }
      case NEVER -> {
        raw.setSoTimeout(0);
        in.transferTo(OutputStream.nullOutputStream());
        keep = false;
      }
    }
    if (keep) {
      out.flush();
    }
    return keep;
  }

  private byte[] bytes(Request request, Reply reply, boolean keep) {
    byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
    String usual = reply.status() < 400 ? "OK" : "Error";
    String reason = reply.reason().isEmpty() ? usual : reply.reason();
    StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status() + " " + reason + "\r\n");
    reply.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (reply.status() != 204) {
      head.append("Content-Length: " + body.length + "\r\n");
    }
    always.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append(keep ? "\r\n" : "Connection: close\r\n\r\n");
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (!request.method().equals("HEAD")) {
      whole.write(body, 0, reply.delivery() == Reply.Delivery.CUT ? body.length / 2 : body.length);
    }
    return whole.toByteArray();
  }

  /** Empty at the orderly end of the connection. */
  private static Optional<Request> read(InputStream in, int count) throws IOException {
    String start = line(in);
    if (start.isEmpty()) {
      return Optional.empty();
    }
    String[] words = start.split(" ", -1);
    if (words.length != 3 || !words[1].startsWith("/")) {
      throw new IOException("request line: " + words.length + " words");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 1 || headers.size() >= MOST_HEADERS) {
        throw new IOException("headers: malformed or more than " + MOST_HEADERS);
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    String body = new String(in.readNBytes(length(headers)), StandardCharsets.UTF_8);
    int question = words[1].indexOf('?');
    return Optional.of(
        new Request(
            words[0],
            question < 0 ? words[1] : words[1].substring(0, question),
            question < 0 ? "" : words[1].substring(question + 1),
            headers,
            body,
            count));
  }

  private static int length(Map<String, String> headers) throws IOException {
    String text = headers.getOrDefault("content-length", "0");
    if (headers.containsKey("transfer-encoding") || !text.matches("[0-9]{1,7}")) {
      throw new IOException("body: without a length");
    }
    int length = Integer.parseInt(text);
    if (length > MOST_BODY) {
      throw new IOException("body: " + length + " bytes (expected: at most " + MOST_BODY + ")");
    }
    return length;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        if (line.isEmpty()) {
          return "";
        }
        throw new IOException("the request ends in a line");
      }
      if (line.length() >= MOST_LINE) {
        throw new IOException("line: longer than " + MOST_LINE);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** Frees the port and ends all connections. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
      if (!threads.awaitTermination(ENDING.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("a connection of an emulated BMC does not end");
      }
    } catch (SocketException e) {
      // Closed twice at the same time: closed it is.
      Thread.onSpinWait();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
