// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.ipmi;

import foundrybot.redfish.BmcFault;
import foundrybot.redfish.BmcFault.Kind;
import foundrybot.redfish.Outcome;

/**
 * Ends a conversation of several commands at the one that failed; {@link IpmiBmc} turns it into its
 * outcome, so nobody outside sees it.
 */
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

  boolean is(Kind kind) {
    return outcome instanceof Outcome.Failed<?>(BmcFault fault) && fault.kind() == kind;
  }

  /** Whether nothing was heard, so that what was asked may have been carried out. */
  boolean isSilence() {
    return is(Kind.UNREACHABLE) || is(Kind.UNKNOWN_OUTCOME);
  }

  boolean mayPass() {
    return outcome instanceof Outcome.Failed<?>(BmcFault fault) && fault.kind().mayPass();
  }
}
