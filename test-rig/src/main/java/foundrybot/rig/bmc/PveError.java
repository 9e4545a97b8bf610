// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Map;

/** Ends a request or a task of the emulated Proxmox VE with an error. */
final class PveError extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient Map<String, String> errors;

  private PveError(int status, String words, Map<String, String> errors) {
    super(words, null, false, false);
    this.status = status;
    this.errors = Map.copyOf(errors);
  }

  /** What Perl's die comes to: status 500, with the words behind it. */
  static PveError of(String words) {
    return new PveError(500, words, Map.of());
  }

  static PveError of(int status, String words) {
    return new PveError(status, words, Map.of());
  }

  static PveError parameter(String name, String words) {
    return new PveError(400, "Parameter verification failed.", Map.of(name, words));
  }

  int status() {
    return status;
  }

  /** By parameter. */
  Map<String, String> errors() {
    return errors;
  }

  String words() {
    return String.valueOf(getMessage());
  }
}
