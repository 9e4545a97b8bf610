// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** An answer's status line and header fields as bytes (RFC 9112 sections 4 and 5). */
final class Head {
  private static final int USUAL_LENGTH = 192;

  private final StringBuilder text = new StringBuilder(USUAL_LENGTH);
  private final int status;

  Head(int status) {
    this.status = status;
    text.append("HTTP/1.1 ")
        .append(status)
        .append(' ')
        .append(HttpResponseStatus.valueOf(status).reasonPhrase())
        .append("\r\n");
  }

  int status() {
    return status;
  }

  /**
   * One field.
   *
   * @throws IllegalArgumentException if it would end its line or hold what is not printable
   */
  Head field(String name, String value) {
    check(name);
    check(value);
    text.append(name).append(": ").append(value).append("\r\n");
    return this;
  }

  Head field(String name, long value) {
    text.append(name).append(": ").append(value).append("\r\n");
    return this;
  }

  private static void check(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException(
            "header field: a character of code %d (expected: printable ASCII)".formatted((int) c));
      }
    }
  }

  /** Bytes of the whole head, with the empty line. */
  int length() {
    return text.length() + 2;
  }

  /** In one piece: byte by byte, a buffer outside the heap checks its bounds each time. */
  void write(ByteBuf to) {
    to.writeBytes(text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
  }
}
