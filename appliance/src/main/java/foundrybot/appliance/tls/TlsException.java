// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.tls;

/** A certificate or a key that cannot serve; the message is one line with the cure. */
public final class TlsException extends RuntimeException {
  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
