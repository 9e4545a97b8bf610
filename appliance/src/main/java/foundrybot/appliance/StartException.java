// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

/** The appliance cannot start; the message says what is missing and the cure. */
public final class StartException extends RuntimeException {
  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
