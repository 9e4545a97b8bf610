// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Map;
import java.util.Optional;

/**
 * A request of HTTP/1.1 (RFC 9112), read whole.
 *
 * @param path without the query, as sent
 * @param query without the question mark; may be empty
 * @param headers by their names in lower case
 * @param onConnection 1 for the first one on its connection
 */
record Request(
    String method,
    String path,
    String query,
    Map<String, String> headers,
    String body,
    int onConnection) {

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Whether it only looks. */
  boolean reads() {
    return method.equals("GET") || method.equals("HEAD");
  }

  Request at(String otherPath) {
    return new Request(method, otherPath, query, headers, body, onConnection);
  }
}
