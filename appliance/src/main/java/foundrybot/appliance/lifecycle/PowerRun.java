// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How the machine of a run is switched on, and since when it may have the run's secrets. A node
 * that has a BMC gets them only within a window, which opens when the appliance switches it on, and
 * moves on with the node's progress.
 *
 * @param step how far switching on is
 * @param said what was asked and answered last, for people
 * @param at when that was; the start of time if there was nothing
 * @param opened when the window was opened; empty in a run that nobody deployed yet
 * @param held whether the machine asked for its script while the window was closed
 */
public record PowerRun(Step step, String said, Instant at, Optional<Instant> opened, boolean held) {

  /** How long a machine without progress is given secrets. */
  public static final Duration WINDOW = Duration.ofMinutes(60);

  /** Of a run in which nobody asked for anything. */
  public static final PowerRun NONE =
      new PowerRun(Step.NONE, "", Instant.EPOCH, Optional.empty(), false);

  /** How far switching on is. */
  public enum Step {
    /** Nobody asked for it. */
    NONE,
    /** The operator wants it; nothing that switches on was sent. */
    WANTED,
    /** The BMC is told to switch on; whether it heard that, only the power state tells. */
    ASKED,
    /** Switched on, as far as it can be known. */
    TOLD,
    /** The command may have arrived or not; nothing tells, so it is not sent again. */
    UNKNOWN,
    /** People switch it on. */
    BY_HAND,
    /** The BMC did not obey, and is not asked again. */
    REFUSED;

    /** As people write it: {@code by-hand}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  PowerRun after(FactKind kind, Fact fact) {
    String text = fact.detail();
    return switch (kind) {
      case POWER_WANTED -> new PowerRun(Step.WANTED, text, fact.at(), Optional.empty(), false);
      case POWER_ASKED -> open(Step.ASKED, fact);
      case POWER_BY_HAND -> open(Step.BY_HAND, fact);
      case POWER_TOLD -> new PowerRun(Step.TOLD, text, fact.at(), opened, false);
      case POWER_UNKNOWN -> new PowerRun(Step.UNKNOWN, text, fact.at(), opened, false);
      case POWER_REFUSED -> new PowerRun(Step.REFUSED, text, fact.at(), opened, held);
      case BOOT_HELD -> new PowerRun(step, said, at, opened, true);
      default -> this;
    };
  }

  /** What was asked may be asked again; the window is open from the first time on. */
  private PowerRun open(Step next, Fact fact) {
    Instant since = opened.orElse(fact.at());
    return new PowerRun(next, fact.detail(), fact.at(), Optional.of(since), false);
  }

  /** Whether the appliance has not yet done with it. */
  public boolean isUnderWay() {
    return step == Step.WANTED || step == Step.ASKED;
  }

  /**
   * Whether the machine is given the run's secrets.
   *
   * @param progressAt the last movement of the run
   */
  boolean isOpen(Instant progressAt, Instant now) {
    return opened
        .map(since -> since.isAfter(progressAt) ? since : progressAt)
        .filter(last -> !now.isAfter(last.plus(WINDOW)))
        .isPresent();
  }
}
