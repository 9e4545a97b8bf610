// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells entries of the neighbour table that live from those that are only old. The kernel believes
 * an entry for up to 45 s; a datagram after that makes it ask the neighbour again, which takes five
 * seconds of patience and three questions a second apart (base_reachable_time, delay_first_probe,
 * ucast_solicit). So an entry has been confirmed if it still stands after such a datagram and that
 * time. Used by one thread.
 */
final class OldNeighbours {
  private static final long BELIEVED = Duration.ofSeconds(46).toNanos();
  private static final long ASKED_AGAIN = Duration.ofSeconds(9).toNanos();
  private static final long FORGOTTEN = Duration.ofMinutes(10).toNanos();
  private static final int MAX_REMEMBERED = 4096;

  /** Nanoseconds: the first datagram, the first one that made the kernel ask, the last one. */
  private record Sent(long first, long asking, long last) {}

  private final Map<Inet4Address, Sent> sent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Inet4Address, Sent> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /** There was no entry before the datagram. */
  void none(Inet4Address address) {
    sent.remove(address);
  }

  /**
   * A datagram went to an address whose entry stood before it.
   *
   * @param now nanoseconds of a clock that never goes back
   * @return whether the entry has been confirmed since the first one
   */
  boolean confirmed(Inet4Address address, long now) {
    Sent before = sent.get(address);
    if (before == null || now - before.last() > FORGOTTEN) {
      sent.put(address, new Sent(now, Long.MAX_VALUE, now));
      return false;
    }
    boolean asks = before.asking() == Long.MAX_VALUE && now - before.first() >= BELIEVED;
    long asking = asks ? now : before.asking();
    sent.put(address, new Sent(before.first(), asking, now));
    return asking != Long.MAX_VALUE && now - asking >= ASKED_AGAIN;
  }
}
