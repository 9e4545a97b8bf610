// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.power.BmcLocks;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One command's turn at a BMC, which takes one at a time.
 *
 * @param locks that keep other commands from it
 * @param address what those know it by
 * @param title of the machine, for people
 */
record BmcTurn(BmcLocks locks, String address, String title) {
  /** How long a command waits for another one that has the BMC. */
  private static final Duration TURN = Duration.ofSeconds(60);

  private static final Duration LOOK = Duration.ofMillis(200);

  /** At a machine's BMC, among all that share a data folder. */
  static BmcTurn at(Path data, Optional<URI> url, Mac machine, String title) {
    return new BmcTurn(BmcLocks.in(data), BmcLocks.bmc(url, machine), title);
  }

  /**
   * Does something when no other command speaks to that BMC, and keeps others from it meanwhile.
   *
   * @param what it is, in the program's own words
   */
  <T> T alone(String what, Supplier<T> deed) {
    try (BmcLocks.Held held = taken(what)) {
      held.problem().ifPresent(why -> System.err.println("bootserver: warning: " + why));
      return deed.get();
    }
  }

  private BmcLocks.Held taken(String what) {
    long end = System.nanoTime() + TURN.toNanos();
    String told = "";
    while (true) {
      switch (locks.take(address, what)) {
        case BmcLocks.Held held -> {
          return held;
        }
        case BmcLocks.Busy(String with) -> {
          String said = title + ": its BMC is busy with " + BmcOfNode.shown(with);
          if (System.nanoTime() - end >= 0) {
            throw new UserException(
                Main.FAILED,
                said + " (expected: free within 60 s); wait for that, or end it, and try again");
          }
          if (!with.equals(told) && !with.equals(BmcLocks.RESTING)) {
            System.err.println(said + "; waiting for it, 60 s at most");
            told = with;
          }
        }
      }
      pause();
    }
  }

  private void pause() {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException(Main.FAILED, title + ": interrupted; nothing was done");
    }
  }
}
