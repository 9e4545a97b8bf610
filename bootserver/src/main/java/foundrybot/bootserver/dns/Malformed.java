// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

/** Thrown by {@link WireReader}, caught by who decodes a message: reasons are few and our own. */
final class Malformed extends Exception {
  private final String reason;

  /**
   * Says what is wrong.
   *
   * @param reason a short token, the end of the counter's name
   */
  Malformed(String reason) {
    // No trace is kept: it would cost more than the message that caused it.
    super(reason, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
