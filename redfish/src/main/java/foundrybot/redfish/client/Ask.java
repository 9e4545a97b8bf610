// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.client;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request.
 *
 * @param uri as a BMC links to it: a path, or a whole URL of the same host
 * @param ifMatch value of that header
 * @param loggedIn false for what is asked before the login
 * @param tries how often it is sent at most, where it may be sent again at all
 * @param note what it is about, for people; without secrets
 */
record Ask(
    String method,
    String uri,
    Optional<ObjectNode> body,
    Optional<String> ifMatch,
    boolean loggedIn,
    int tries,
    String note) {

  private static final int USUAL_TRIES = 5;

  static Ask get(String uri) {
    return new Ask("GET", uri, Optional.empty(), Optional.empty(), true, USUAL_TRIES, "");
  }

  static Ask post(String uri, ObjectNode body, String note) {
    return new Ask("POST", uri, Optional.of(body), Optional.empty(), true, USUAL_TRIES, note);
  }

  static Ask patch(String uri, ObjectNode body, Optional<String> ifMatch, String note) {
    return new Ask("PATCH", uri, Optional.of(body), ifMatch, true, USUAL_TRIES, note);
  }

  static Ask delete(String uri) {
    return new Ask("DELETE", uri, Optional.empty(), Optional.empty(), true, 1, "");
  }

  Ask open() {
    return new Ask(method, uri, body, ifMatch, false, tries, note);
  }

  /** Whatever version the resource is in (RFC 9110, 13.1.1). */
  Ask ofAnyVersion() {
    return new Ask(method, uri, body, Optional.of("*"), loggedIn, tries, note);
  }

  Ask tries(int most) {
    return new Ask(method, uri, body, ifMatch, loggedIn, most, note);
  }

  /** Whether doing it twice is like doing it once. */
  boolean repeatable() {
    return !method.equals("POST");
  }

  /** Whether it changes nothing. */
  boolean safe() {
    return method.equals("GET");
  }

  @Override
  public String toString() {
    return method + " " + uri + (note.isEmpty() ? "" : " " + note);
  }
}
