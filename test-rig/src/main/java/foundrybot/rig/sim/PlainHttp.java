// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * HTTP/1.1 as small boot programs speak it: one request per connection, from the machine's own
 * address, and a body of the announced length.
 */
final class PlainHttp implements Web {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int LONGEST_LINE = 8192;
  private static final int MOST_HEADERS = 100;
  private static final int LARGEST_TEXT = 4 << 20;

  private final Inet4Address from;
  private final String program;

  /**
   * A client.
   *
   * @param from the machine's address
   * @param program what it calls itself
   */
  PlainHttp(Inet4Address from, String program) {
    this.from = from;
    this.program = program;
  }

  /** An answer whose body went to the sink. */
  record Answer(int status, Map<String, String> headers, long length) {
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }
  }

  @Override
  public String text(URI uri) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    Answer answer = send("GET", uri, "", new Limited(body, LARGEST_TEXT));
    if (answer.status() != 200) {
      throw new Setback("http: " + shown(uri) + ": status " + answer.status());
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  /** A file into a sink; anything but 200 is a setback. */
  Answer file(URI uri, OutputStream sink) throws IOException {
    Answer answer = send("GET", uri, "", sink);
    if (answer.status() != 200) {
      throw new Setback("http: " + shown(uri) + ": status " + answer.status());
    }
    return answer;
  }

  @Override
  public long fetch(URI uri, OutputStream sink) throws IOException {
    return file(uri, sink).length();
  }

  @Override
  public int status(String method, URI uri, String form) throws IOException {
    return send(method, uri, form, new Limited(OutputStream.nullOutputStream(), LARGEST_TEXT))
        .status();
  }

  private Answer send(String method, URI uri, String form, OutputStream sink) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress(from, 0));
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.connect(
          new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort()),
          (int) PATIENCE.toMillis());
      socket.getOutputStream().write(request(method, uri, form));
      return answer(socket.getInputStream(), sink);
    } catch (Setback e) {
      throw e;
    } catch (IOException e) {
      throw new Setback("http: " + shown(uri), e);
    }
  }

  private byte[] request(String method, URI uri, String form) {
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(uri.getRawPath()).append(query).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(uri.getRawAuthority()).append("\r\n");
    head.append("User-Agent: ").append(program).append("\r\n");
    head.append("Connection: close\r\n");
    if (method.equals("POST")) {
      head.append("Content-Type: application/x-www-form-urlencoded\r\n");
      head.append("Content-Length: ").append(form.length()).append("\r\n");
    }
    return (head + "\r\n" + form).getBytes(StandardCharsets.US_ASCII);
  }

  private static Answer answer(InputStream in, OutputStream sink) throws IOException {
    String[] status = line(in).split(" ", 3);
    if (status.length < 2 || !status[0].equals("HTTP/1.1")) {
      throw new Setback("http: not an HTTP/1.1 answer");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon < 1 || headers.size() >= MOST_HEADERS) {
        throw new Setback("http: bad header");
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    // iPXE is slow, and old installers are lost, where the length is not announced.
    String announced = headers.get("content-length");
    if (announced == null) {
      throw new Setback("http: an answer without Content-Length");
    }
    long length = Long.parseLong(announced);
    byte[] buffer = new byte[1 << 14];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new Setback("http: cut off " + left + " bytes before the end");
      }
      sink.write(buffer, 0, n);
      left -= n;
    }
    return new Answer(Integer.parseInt(status[1]), Map.copyOf(headers), length);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || line.size() > LONGEST_LINE) {
        throw new Setback("http: cut off in the header");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** A URL for people: a token in it is not shown. */
  private static String shown(URI uri) {
    return uri.getPath().replaceAll("[0-9a-f]{32}", "TOKEN");
  }

  private static final class Limited extends OutputStream {
    private final OutputStream sink;
    private long left;

    Limited(OutputStream sink, long most) {
      this.sink = sink;
      this.left = most;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int at, int length) throws IOException {
      left -= length;
      if (left < 0) {
        throw new Setback("http: a text of more than " + LARGEST_TEXT + " bytes");
      }
      sink.write(bytes, at, length);
    }
  }
}
