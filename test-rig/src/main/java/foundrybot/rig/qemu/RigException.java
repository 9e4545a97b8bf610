// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

/** The rig itself failed, or what it waited for did not come; the message says which and where. */
public final class RigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RigException(String message) {
    super(message);
  }

  RigException(String message, Throwable cause) {
    super(message, cause);
  }
}
