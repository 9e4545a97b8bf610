// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
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
 * @param hold why the machine was sent away when it last asked for its script
 * @param armed until when the operator lets it in whatever its power; absent if nobody did
 */
public record PowerRun(
    Step step,
    String said,
    Instant at,
    Optional<Instant> opened,
    Hold hold,
    Optional<Instant> armed) {

  /** How long a machine without progress is given secrets. */
  public static final Duration WINDOW = Duration.ofMinutes(60);

  /** Of a run in which nobody asked for anything. */
  public static final PowerRun NONE =
      new PowerRun(Step.NONE, "", Instant.EPOCH, Optional.empty(), Hold.NO, Optional.empty());

  /** Why a machine is sent to its disk that came to be installed. */
  public enum Hold {
    NO,
    /** Nobody has deployed it. */
    NOT_DEPLOYED,
    /** Nobody has armed it, or that time is over. */
    NOT_ARMED
  }

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
    return switch (kind) {
      // Who waits to be switched on by us comes neither before that nor by another's hand.
      case POWER_WANTED, POWER_AGAIN ->
          new PowerRun(
              Step.WANTED, fact.detail(), fact.at(), Optional.empty(), Hold.NO, Optional.empty());
      case POWER_ASKED -> open(Step.ASKED, fact);
      case POWER_BY_HAND -> open(Step.BY_HAND, fact);
      case POWER_TOLD -> at(Step.TOLD, fact, Hold.NO);
      case POWER_UNKNOWN -> at(Step.UNKNOWN, fact, Hold.NO);
      case POWER_REFUSED -> at(Step.REFUSED, fact, hold);
      case BOOT_HELD -> with(opened, Hold.NOT_DEPLOYED, armed);
      case BOOT_UNARMED -> with(opened, Hold.NOT_ARMED, armed);
      case WINDOW_ARMED -> with(opened, Hold.NO, end(fact).or(() -> armed));
      default -> this;
    };
  }

  private PowerRun at(Step next, Fact fact, Hold newHold) {
    return new PowerRun(next, fact.detail(), fact.at(), opened, newHold, armed);
  }

  private PowerRun with(Optional<Instant> newOpened, Hold newHold, Optional<Instant> newArmed) {
    return new PowerRun(step, said, at, newOpened, newHold, newArmed);
  }

  /** What was asked may be asked again; the window is open from the first time on. */
  private PowerRun open(Step next, Fact fact) {
    return at(next, fact, Hold.NO).with(Optional.of(opened.orElse(fact.at())), Hold.NO, armed);
  }

  private static Optional<Instant> end(Fact fact) {
    try {
      return Optional.of(Instant.parse(fact.detail().split(" ", 2)[0]));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The detail of the fact that the operator lets a machine in until then. */
  public static String armedDetail(Instant until) {
    return until + " by the operator";
  }

  /**
   * The machine came with its token. Who comes in the time for which it is armed is let in as if it
   * were switched on then: an installation may take longer.
   */
  PowerRun entered(Instant now) {
    return isArmed(now) ? with(Optional.of(opened.orElse(now)), hold, armed) : this;
  }

  private boolean isArmed(Instant now) {
    return armed.filter(now::isBefore).isPresent();
  }

  /** Whether the appliance has not yet done with it. */
  public boolean isUnderWay() {
    return step == Step.WANTED || step == Step.ASKED;
  }

  /**
   * Whether the machine is given the run's secrets.
   *
   * @param progressAt the last movement of the run
   * @param window how long it may show none
   * @param outages in which nobody could get on
   */
  boolean isOpen(Instant progressAt, Duration window, Outages outages, Instant now) {
    return isArmed(now)
        || opened.filter(since -> isWithin(since, progressAt, window, outages, now)).isPresent();
  }

  /**
   * Whether a machine is listened to that has come with the run's token: whoever let it in, it is
   * heard as long as it moves.
   */
  boolean isHeard(Instant progressAt, Duration window, Outages outages, Instant now) {
    return isArmed(now) || isWithin(opened.orElse(progressAt), progressAt, window, outages, now);
  }

  private static boolean isWithin(
      Instant since, Instant progressAt, Duration window, Outages outages, Instant now) {
    Instant last = since.isAfter(progressAt) ? since : progressAt;
    return !now.isAfter(outages.counted(last, window).plus(window));
  }
}
