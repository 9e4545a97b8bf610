// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

/** A port that cannot be opened; the message is one line with the cause and the cure. */
public final class BindException extends RuntimeException {
  public BindException(String message, Throwable cause) {
    super(message, cause);
  }
}
