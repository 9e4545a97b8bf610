// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One request, read and checked. Its path may hold a token, so {@link #toString} leaves it out.
 *
 * @param method in capitals, one of GET, HEAD, POST, PUT, PATCH, DELETE
 * @param path percent-decoded, begins with a slash; no empty, {@code .} or {@code ..} segment, no
 *     control character; a slash at the end is kept
 * @param query percent-decoded parameters in the order in which they came; a plus stays a plus
 * @param headers by their names in lower case; a field that came several times is joined with
 *     commas
 * @param peer the client
 * @param body empty if there was none
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record HttpRequestView(
    String method,
    String path,
    Map<String, List<String>> query,
    Map<String, String> headers,
    InetSocketAddress peer,
    byte[] body) {

  /** A header field's value by its name in any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
  }

  /** The first value of a query parameter. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name)).map(List::getFirst);
  }

  /** The body as UTF-8; what is not UTF-8 becomes U+FFFD. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The same with a body. */
  HttpRequestView with(byte[] bytes) {
    return new HttpRequestView(method, path, query, headers, peer, bytes);
  }

  @Override
  public String toString() {
    return method + " request of " + peer + ", " + body.length + " bytes of body";
  }
}
