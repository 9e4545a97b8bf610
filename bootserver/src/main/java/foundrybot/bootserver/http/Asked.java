// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What an answer needs to know of its request. The path is not in it, so that it cannot get into a
 * record.
 */
record Asked(
    String method,
    boolean keepAlive,
    InetSocketAddress peer,
    Optional<String> ifNoneMatch,
    Optional<String> range,
    Optional<String> ifRange) {

  static Asked of(HttpRequestView request, boolean keepAlive) {
    return new Asked(
        request.method(),
        keepAlive,
        request.peer(),
        request.header("if-none-match"),
        request.header("range"),
        request.header("if-range"));
  }

  /** A request that could not be understood: its connection ends with the answer. */
  static Asked nothing(InetSocketAddress peer) {
    return new Asked("?", false, peer, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same, and the connection ends with its answer. */
  Asked last() {
    return new Asked(method, false, peer, ifNoneMatch, range, ifRange);
  }

  boolean head() {
    return method.equals("HEAD");
  }

  boolean reads() {
    return head() || method.equals("GET");
  }

  /**
   * What of an answer with status 200 is to be sent; a part only to GET (RFC 9110 section 14.2).
   */
  Selection select(long size, String etag) {
    Optional<String> part = head() ? Optional.empty() : range;
    return reads() ? Selection.of(size, etag, ifNoneMatch, part, ifRange) : new Selection.Whole();
  }
}
