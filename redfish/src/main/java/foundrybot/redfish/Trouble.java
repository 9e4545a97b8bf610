// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish;

import foundrybot.redfish.BmcFault.Kind;

/**
 * Ends a conversation of several requests at the one that failed. The {@link Bmc} that began the
 * conversation turns it into its {@link #outcome}, so no caller of a BMC sees it.
 */
public final class Trouble extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Outcome<?> outcome;

  private Trouble(Outcome<?> outcome) {
    super(outcome.evidence(), null, false, false);
    this.outcome = outcome;
  }

  public static Trouble failed(BmcFault fault) {
    return new Trouble(new Outcome.Failed<>(fault));
  }

  /**
   * Ends it at what this BMC cannot do.
   *
   * @param what in the form "setting the next boot"
   */
  public static Trouble unsupported(String bmc, String what) {
    return new Trouble(new Outcome.Unsupported<>(bmc, what));
  }

  public <T> Outcome<T> outcome() {
    return outcome.then(
        done -> {
          throw new IllegalStateException("trouble is never done");
        });
  }

  public boolean is(Kind kind) {
    return outcome instanceof Outcome.Failed<?>(BmcFault fault) && fault.kind() == kind;
  }

  /** Whether nothing was heard, so that what was asked may have been carried out. */
  public boolean isSilence() {
    return is(Kind.UNREACHABLE) || is(Kind.UNKNOWN_OUTCOME);
  }

  /** Whether asking again later makes sense. */
  public boolean mayPass() {
    return outcome instanceof Outcome.Failed<?>(BmcFault fault) && fault.kind().mayPass();
  }
}
