// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One request of HTTP/1.1 to a socket file (unix(7)), and its whole answer. */
final class SocketHttp {
  private static final int LARGEST = 64 << 20;
  private static final int LONGEST_HEAD = 16 << 10;

  private SocketHttp() {}

  /**
   * A status, and all of the body.
   *
   * @param field the value of a header field by its name in small letters
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Answer(int status, byte[] body, Function<String, Optional<String>> field) {}

  /**
   * Sends a request and reads until the server closes.
   *
   * @param patience for all of it
   */
  static Answer send(
      Path socket,
      String method,
      String target,
      String body,
      Map<String, String> headers,
      Duration patience)
      throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: appliance\r\nConnection: close\r\nContent-Length: "
            + content.length
            + "\r\n"
            + headers.entrySet().stream()
                .map(field -> field.getKey() + ": " + field.getValue() + "\r\n")
                .collect(Collectors.joining())
            + "\r\n";
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    request.writeBytes(content);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        Selector selector = Selector.open()) {
      long end = System.nanoTime() + patience.toNanos();
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer out = ByteBuffer.wrap(request.toByteArray());
      while (out.hasRemaining()) {
        await(selector, end);
        channel.write(out);
      }
      key.interestOps(SelectionKey.OP_READ);
      return answer(readAll(channel, selector, end));
    }
  }

  private static byte[] readAll(SocketChannel channel, Selector selector, long end)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(64 << 10);
    for (int read = 0; read >= 0; read = channel.read(part.clear())) {
      all.write(part.array(), 0, read);
      if (all.size() > LARGEST) {
        throw new IOException("an answer of more than " + LARGEST + " bytes");
      }
      await(selector, end);
    }
    return all.toByteArray();
  }

  private static void await(Selector selector, long end) throws IOException {
    long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
    if (left <= 0 || selector.select(left) == 0) {
      throw new SocketTimeoutException("no answer in time");
    }
    selector.selectedKeys().clear();
  }

  /** The appliance tells the length of each answer, and ends the connection after it. */
  private static Answer answer(byte[] all) throws IOException {
    String head =
        new String(all, 0, Math.min(all.length, LONGEST_HEAD), StandardCharsets.ISO_8859_1);
    int end = head.indexOf("\r\n\r\n");
    if (end < 0 || !head.matches("(?s)HTTP/1\\.1 [0-9]{3} .*")) {
      throw new EOFException("the connection broke");
    }
    byte[] body = Arrays.copyOfRange(all, end + 4, all.length);
    for (String line : head.substring(0, end).split("\r\n", -1)) {
      if (line.regionMatches(true, 0, "content-length:", 0, 15)
          && !line.substring(15).strip().equals(String.valueOf(body.length))) {
        throw new EOFException("the connection broke in the middle of an answer");
      }
    }
    String fields = head.substring(0, end);
    return new Answer(Integer.parseInt(head.substring(9, 12)), body, name -> field(fields, name));
  }

  private static Optional<String> field(String fields, String name) {
    return fields
        .lines()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }
}
