// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.redfish.Bmc;
import foundrybot.redfish.BmcEndpoint;
import foundrybot.redfish.BmcFault;
import foundrybot.redfish.Credentials;
import foundrybot.redfish.Identity;
import foundrybot.redfish.Inventory;
import foundrybot.redfish.Outcome;
import foundrybot.redfish.Trust;
import foundrybot.redfish.client.RedfishBmc;
import foundrybot.redfish.client.RedfishSettings;
import foundrybot.redfish.client.Timing;
import foundrybot.redfish.discover.Discovery;
import foundrybot.redfish.discover.FoundBmc;
import foundrybot.redfish.ipmi.Ipmi;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Asks BMCs that were found what is behind them, with one log-in for each.
 *
 * <p>Accounts may be shared (a directory behind all BMCs), and are locked after a few refusals. So
 * no password is ever sent once more than it may be refused: as many log-ins are under way as
 * refusals are left, and when none is left, the others are not asked.
 */
public final class BmcSurvey {
  /** Of one password, in all. */
  public static final int MOST_REFUSED = 20;

  /** Shorter than for a deployment: a BMC that does not answer is named, and that is all. */
  private static final RedfishSettings REDFISH =
      new RedfishSettings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(90),
          Duration.ofSeconds(15));

  private final Credentials who;
  private final int mostRefused;
  private int underWay;
  private int refused;

  /**
   * Has asked nobody.
   *
   * @param mostRefused after how many refusals nobody else is asked, 1..20
   */
  public BmcSurvey(Credentials who, int mostRefused) {
    if (mostRefused < 1 || mostRefused > MOST_REFUSED) {
      throw new IllegalArgumentException(
          "refusals: " + mostRefused + " (expected: 1.." + MOST_REFUSED + ")");
    }
    this.who = who;
    this.mostRefused = mostRefused;
  }

  /**
   * Asks all, in virtual threads, and logs out everywhere. An interrupt ends it with what is known,
   * and stays pending.
   */
  public List<Surveyed> ask(List<FoundBmc> found, Discovery.Watcher watcher) {
    List<Future<Surveyed>> answers = new ArrayList<>();
    boolean interrupted = false;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      found.forEach(bmc -> answers.add(threads.submit(() -> one(bmc))));
      try {
        for (int i = 0; i < answers.size(); i++) {
          answers.get(i).get();
          watcher.progress(i + 1, found.size(), found.size());
        }
      } catch (InterruptedException e) {
        // Pending only behind the end of the threads: who waits for that with an interrupt pending
        // interrupts them once more, in the middle of their log-outs.
        interrupted = true;
        threads.shutdownNow();
      } catch (ExecutionException e) {
        throw new IllegalStateException("asking a BMC failed: " + e.getCause(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    List<Surveyed> all = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      Future<Surveyed> answer = answers.get(i);
      all.add(
          answer.state() == Future.State.SUCCESS
              ? answer.resultNow()
              : trouble(found.get(i), "not asked: interrupted"));
    }
    return all;
  }

  private Surveyed one(FoundBmc bmc) throws InterruptedException {
    if (!begin()) {
      return trouble(
          bmc,
          "not asked: the password was refused "
              + mostRefused
              + " times; is it theirs? Ask for each kind of BMC on its own, so that no account is"
              + " locked");
    }
    boolean refusedHere = false;
    try {
      Bmc hand = open(bmc);
      try {
        Outcome<Identity> identity = hand.identify();
        refusedHere =
            identity instanceof Outcome.Failed<Identity>(BmcFault fault)
                && fault.kind() == BmcFault.Kind.WRONG_PASSWORD;
        return identity
            .result()
            .map(known -> machine(bmc, known, hand.inventory()))
            .orElseGet(() -> trouble(bmc, identity.evidence()));
      } finally {
        logOut(hand);
      }
    } catch (IllegalArgumentException e) {
      return trouble(bmc, String.valueOf(e.getMessage()));
    } finally {
      end(refusedHere);
    }
  }

  /** Also after an interrupt, which would break it off: BMCs have few sessions. */
  private static void logOut(Bmc hand) {
    boolean interrupted = Thread.interrupted();
    hand.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Surveyed machine(FoundBmc bmc, Identity known, Outcome<Inventory> inventory) {
    return inventory
        .result()
        .map(parts -> new Surveyed(bmc, Optional.of(new Surveyed.Machine(known, parts)), ""))
        .orElseGet(() -> trouble(bmc, inventory.evidence()));
  }

  private static Surveyed trouble(FoundBmc bmc, String why) {
    return new Surveyed(bmc, Optional.empty(), why);
  }

  private Bmc open(FoundBmc bmc) {
    if (bmc.redfish().isEmpty()) {
      return Ipmi.open(
          new BmcEndpoint(
              bmc.ipmi().orElseThrow(), Optional.of(who), new Trust.Any(), Optional.empty()),
          Ipmi.Settings.USUAL,
          InstantSource.system(),
          Thread::sleep);
    }
    FoundBmc.Redfish service = bmc.redfish().getFirst();
    // To the one that was seen before, and to no other.
    Trust seen = new Trust.Fingerprint(service.fingerprint());
    return RedfishBmc.at(
        new BmcEndpoint(service.url(), Optional.of(who), seen, Optional.empty()),
        REDFISH,
        Timing.REAL);
  }

  /** Waits until one more refusal would not be too many; false where too many came. */
  private synchronized boolean begin() throws InterruptedException {
    while (underWay > 0 && underWay + refused >= mostRefused) {
      wait();
    }
    if (refused >= mostRefused) {
      return false;
    }
    underWay++;
    return true;
  }

  private synchronized void end(boolean refusedHere) {
    underWay--;
    refused += refusedHere ? 1 : 0;
    notifyAll();
  }
}
