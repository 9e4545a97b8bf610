// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a BMC answers, and how well it gets through.
 *
 * @param reason the words behind the status; empty for the usual ones
 * @param delay before the first byte
 */
record Reply(
    int status,
    String reason,
    Map<String, String> headers,
    String body,
    Delivery delivery,
    Duration delay) {

  /** How it is sent. */
  enum Delivery {
    WHOLE,
    /** All headers and half of the body, then the end. */
    CUT,
    /** Nothing but a TCP reset. */
    RESET,
    /** Nothing at all, as long as the client cares to wait. */
    NEVER
  }

  static Reply of(int status, String type, String body) {
    return new Reply(status, "", Map.of("Content-Type", type), body, Delivery.WHOLE, Duration.ZERO);
  }

  static Reply empty(int status) {
    return new Reply(status, "", Map.of(), "", Delivery.WHOLE, Duration.ZERO);
  }

  static Reply json(int status, Object body) {
    return of(status, "application/json;charset=utf-8", Json.text(body));
  }

  Reply with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Reply(status, reason, more, body, delivery, delay);
  }

  Reply saying(String words) {
    return new Reply(status, words, headers, body, delivery, delay);
  }

  Reply with(Delivery how) {
    return new Reply(status, reason, headers, body, how, delay);
  }

  Reply after(Duration time) {
    return new Reply(status, reason, headers, body, delivery, time);
  }
}
