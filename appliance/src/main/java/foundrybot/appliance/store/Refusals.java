// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * That the store refuses stops everything that waits for it at once, for one and the same reason:
 * one line a minute says so, with how many there were.
 */
public final class Refusals {
  private static final Duration QUIET = Duration.ofMinutes(1);

  private Optional<Instant> told = Optional.empty();
  private int untold;

  /** The store's refusal, if that is what is behind a problem. */
  public static Optional<StoreException> behind(Throwable problem) {
    Throwable cause = problem;
    for (int depth = 0; cause != null && depth < 8; depth++) {
      if (cause instanceof StoreException refusal) {
        return Optional.of(refusal);
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  /**
   * One more.
   *
   * @return what to log now; empty if it was logged within a minute
   */
  public synchronized Optional<String> next(StoreException refusal, Instant now) {
    if (told.filter(at -> now.isBefore(at.plus(QUIET))).isPresent()) {
      untold++;
      return Optional.empty();
    }
    String more = untold == 0 ? "" : " (and " + untold + " more since " + told.orElseThrow() + ")";
    told = Optional.of(now);
    untold = 0;
    return Optional.of(refusal.getMessage() + more);
  }
}
