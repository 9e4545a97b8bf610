// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

/** Something that a run cannot go on without; one line with cause and cure. */
final class BenchException extends RuntimeException {
  BenchException(String message) {
    super(message);
  }

  BenchException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
