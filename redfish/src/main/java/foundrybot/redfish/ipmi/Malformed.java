// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

/** Bytes that are not what they should be; the message has what, the value, and the expectation. */
final class Malformed extends RuntimeException {
  private static final long serialVersionUID = 1;

  Malformed(String what) {
    super(what, null, false, false);
  }

  String what() {
    return String.valueOf(getMessage());
  }
}
