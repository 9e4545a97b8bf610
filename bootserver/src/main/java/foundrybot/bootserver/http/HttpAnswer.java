// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import foundrybot.bootserver.MacAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a request is answered. Ranges, HEAD and conditional requests are the server's work, not the
 * handler's.
 */
public sealed interface HttpAnswer {
  /** Whose request it was, where the path or a token says so. */
  Optional<MacAddress> mac();

  /**
   * What the flight recorder may say of the request instead of its path, which may hold a token:
   * {@code kernel}, {@code preseed of w1}.
   */
  String label();

  /** The same for a known machine. */
  HttpAnswer of(MacAddress mac);

  /**
   * A file, sent without a copy through this process.
   *
   * @param size in bytes; the file must hold at least that much, and with an entity tag, which is
   *     of its content, no more
   * @param contentType such as {@code application/octet-stream}
   * @param etag an entity tag in its quotes (RFC 9110 section 8.8.3), a digest best of all; empty
   *     if there is none
   */
  record File(
      Path path, long size, String contentType, String etag, Optional<MacAddress> mac, String label)
      implements HttpAnswer {
    private static final Pattern ENTITY_TAG = Pattern.compile("(W/)?\"[\\x21\\x23-\\x7e]*\"");

    public File {
      if (size < 0) {
        throw new IllegalArgumentException("size of " + path + ": " + size + " (expected: >= 0)");
      }
      if (!etag.isEmpty() && !ENTITY_TAG.matcher(etag).matches()) {
        throw new IllegalArgumentException(
            "entity tag: " + etag + " (expected: printable ASCII in double quotes)");
      }
    }

    public static File of(Path path, long size, String contentType, String etag, String label) {
      return new File(path, size, contentType, etag, Optional.empty(), label);
    }

    @Override
    public File of(MacAddress mac) {
      return new File(path, size, contentType, etag, Optional.of(mac), label);
    }
  }

  /**
   * A body from memory.
   *
   * @param status 200..599
   * @param bytes not to be changed afterwards
   * @param headers further fields
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Body(
      int status,
      String contentType,
      byte[] bytes,
      Map<String, String> headers,
      Optional<MacAddress> mac,
      String label)
      implements HttpAnswer {
    public Body {
      if (status < 200 || status > 599) {
        throw new IllegalArgumentException("status: " + status + " (expected: 200..599)");
      }
      headers = Map.copyOf(headers);
    }

    public static Body of(int status, String contentType, byte[] bytes, String label) {
      return new Body(status, contentType, bytes, Map.of(), Optional.empty(), label);
    }

    /** Plain text in UTF-8. */
    public static Body text(int status, String text, String label) {
      return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), label);
    }

    /** No content at all: 204. */
    public static Body none(String label) {
      return of(204, "", new byte[0], label);
    }

    /** The same with further header fields. */
    public Body with(Map<String, String> headers) {
      return new Body(status, contentType, bytes, headers, mac, label);
    }

    @Override
    public Body of(MacAddress mac) {
      return new Body(status, contentType, bytes, headers, Optional.of(mac), label);
    }
  }

  /**
   * A body that comes to be while it is sent. It has no length and ends with its connection (RFC
   * 9112 section 6.3); status 200, no ranges.
   *
   * @param contentType such as {@code text/event-stream}
   * @param headers further fields
   * @param feed for this client alone
   */
  record Stream(
      String contentType,
      Map<String, String> headers,
      Feed feed,
      Optional<MacAddress> mac,
      String label)
      implements HttpAnswer {
    public Stream {
      headers = Map.copyOf(headers);
    }

    public static Stream of(
        String contentType, Map<String, String> headers, Feed feed, String label) {
      return new Stream(contentType, headers, feed, Optional.empty(), label);
    }

    @Override
    public Stream of(MacAddress mac) {
      return new Stream(contentType, headers, feed, Optional.of(mac), label);
    }
  }
}
