// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.power.BmcLocks;
import foundrybot.appliance.power.Bmcs;
import foundrybot.redfish.Bmc;
import foundrybot.redfish.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;

/** What commands share that speak to the BMC of one node. */
final class BmcOfNode {
  @Mixin private RackOption rack = new RackOption();
  @Mixin private DataOption data = new DataOption();

  /** How long a command waits for another one that has the BMC. */
  private static final Duration TURN = Duration.ofSeconds(60);

  private static final Duration LOOK = Duration.ofMillis(200);

  /**
   * A node and the hand on it.
   *
   * @param bmc opened, nothing sent yet
   * @param locks that keep other commands from it
   * @param address what those know it by
   */
  record Target(Node node, Bmc bmc, BmcLocks locks, String address) implements AutoCloseable {
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
            String said = node.name() + ": its BMC is busy with " + shown(with);
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
        throw new UserException(Main.FAILED, node.name() + ": interrupted; nothing was done");
      }
    }

    @Override
    public void close() {
      bmc.close();
    }

    /** The value, with its warnings on the error output; or the end of the command. */
    <T> T require(Outcome<T> outcome) {
      if (outcome instanceof Outcome.Done<T> done) {
        done.warnings()
            .forEach(warning -> System.err.println(node.name() + ": note: " + shown(warning)));
        return done.value();
      }
      throw new UserException(Main.FAILED, node.name() + ": " + shown(outcome.evidence()));
    }
  }

  /**
   * A BMC's words on one line: nothing in them may steer the terminal or turn the reading around.
   */
  static String shown(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", " ").strip();
  }

  /** The appliance's folder. */
  Path data() {
    return data.path();
  }

  /** The node of that name and its BMC, or the end of the command. */
  Target open(String name) {
    RackSource source = rack.source();
    RackFile file = source.require();
    Node node = source.node(file, name);
    Bmcs bmcs = new Bmcs(source.folder(), data.keys(), System.getenv(), file.appliance().address());
    return new Target(
        node, bmcs.open(node), BmcLocks.in(data.path()), BmcLocks.bmc(bmcs.url(node), node.mac()));
  }
}
