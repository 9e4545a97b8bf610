// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.libvirt;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.Outcome;

/** Ends a call at the command that failed; the public classes make their outcome of it. */
final class Trouble extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Outcome<?> outcome;

  private Trouble(Outcome<?> outcome) {
    super(outcome.evidence(), null, false, false);
    this.outcome = outcome;
  }

  static Trouble failed(BmcFault fault) {
    return new Trouble(new Outcome.Failed<>(fault));
  }

  static Trouble unsupported(String bmc, String what) {
    return new Trouble(new Outcome.Unsupported<>(bmc, what));
  }

  <T> Outcome<T> outcome() {
    return outcome.then(
        done -> {
          throw new IllegalStateException("trouble is never done");
        });
  }

  boolean is(BmcFault.Kind kind) {
    return outcome instanceof Outcome.Failed<?>(BmcFault fault) && fault.kind() == kind;
  }
}
