// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is left to each of many of one allowance, and of whom it is known already that nothing is.
 * Bounded: who has come longest ago makes room.
 */
final class Limits<K> {
  /**
   * What is left to one of them.
   *
   * @param told stays until all has come back, so that an episode is told once
   */
  private record Share(Allowances left, boolean told) {}

  private final Allowances.Source source;
  private final int most;
  private final InstantSource clock;
  private final Map<K, Share> shares = new LinkedHashMap<>();

  /**
   * Nobody has taken anything.
   *
   * @param most of whom something is remembered
   */
  Limits(Allowances.Source source, int most, InstantSource clock) {
    this.source = source;
    this.most = most;
    this.clock = clock;
  }

  /** Takes one from what is left to somebody; whether there was one. */
  synchronized boolean admits(K who) {
    long now = clock.millis();
    Share before = shares.remove(who);
    Share share =
        before == null || before.left().isFull(source, now)
            ? new Share(new Allowances(), false)
            : before;
    shares.put(who, share);
    if (shares.size() > most) {
      Iterator<K> eldest = shares.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
    return share.left().admits(source, now);
  }

  /** Whether nothing is left to somebody; takes nothing. */
  synchronized boolean isEmpty(K who) {
    Share share = shares.get(who);
    return share != null && share.left().isEmpty(source, clock.millis());
  }

  /** How long somebody waits until there is one again; zero if there is. */
  synchronized Duration untilNext(K who) {
    Share share = shares.get(who);
    return share == null ? Duration.ZERO : share.left().untilNext(source, clock.millis());
  }

  /** Whether this is the first time in an episode that nothing is left; it is told from now on. */
  synchronized boolean isNews(K who) {
    Share share = shares.get(who);
    if (share == null || share.told()) {
      return false;
    }
    shares.put(who, new Share(share.left(), true));
    return true;
  }
}
