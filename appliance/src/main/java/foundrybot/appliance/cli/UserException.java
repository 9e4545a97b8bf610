// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

/** Ends a command with one line for the user and an exit status. */
final class UserException extends RuntimeException {
  private final int exitStatus;

  UserException(int exitStatus, String message) {
    super(message);
    this.exitStatus = exitStatus;
  }

  int exitStatus() {
    return exitStatus;
  }
}
