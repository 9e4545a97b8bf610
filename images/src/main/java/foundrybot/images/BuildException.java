// SPDX-License-Identifier: Apache-2.0
package foundrybot.images;

/** A build that cannot go on; the message says what, where, the value and what to do. */
public final class BuildException extends RuntimeException {
  public BuildException(String message) {
    super(message);
  }

  public BuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
