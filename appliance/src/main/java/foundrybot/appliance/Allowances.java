// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * How many lines of the journal one machine may cause, by where they come from: what anybody can
 * forge in a machine's name must not crowd out what only the machine itself can say, and no flood
 * may fill the disk. Each allowance is a bucket: a burst, and what comes back to it each minute.
 */
final class Allowances {
  /** Where a line comes from. */
  enum Source {
    /** All machines outside the rack file together. */
    STRANGERS(120, 20),
    /** A machine's DHCP: a boot is about two dozen lines. Datagrams, so anybody can forge them. */
    DHCP(100, 10),
    /** A machine's TFTP, where GRUB fetches its modules one by one; datagrams as well. */
    TFTP(300, 20),
    /** Requests that name their machine themselves. */
    HTTP(300, 20),
    /** Scripts with a new token. */
    SCRIPTS(60, 30),
    /** Requests and reports that showed the run's own token. */
    RUN(300, 60),
    /** Attempts that were refused: in a machine's name, or in nobody's. */
    ATTEMPTS(120, 20),
    /** Log-ins of operators that were refused, for each address. */
    LOG_INS(100, 30),
    /** Tokens of nodes that open nothing, for each address. */
    GUESSES(100, 30),
    /**
     * What an operator looks at. As many pages as the appliance tells of changes at all, each of
     * which then asks for them, stay below what comes back ({@link
     * foundrybot.appliance.live.Marks}).
     */
    OPERATOR_READS(3000, 12_000),
    /** What an operator changes: each of a thousand nodes by a few requests of its own. */
    OPERATOR_CHANGES(3000, 600),
    /** Packages, of which one installation fetches hundreds. */
    MIRROR(60, 60);

    private final int burst;

    /** Milliseconds in which one line comes back. */
    private final long interval;

    Source(int burst, int perMinute) {
      this.burst = burst;
      this.interval = Duration.ofMinutes(1).toMillis() / perMinute;
    }

    int burst() {
      return burst;
    }

    int perMinute() {
      return Math.toIntExact(Duration.ofMinutes(1).toMillis() / interval);
    }
  }

  // A bucket is one number: the time at which it will be full again. Racks are large.
  private final Map<Source, Long> fullAt = new EnumMap<>(Source.class);

  /** Whether nothing is left of an allowance. */
  synchronized boolean isEmpty(Source source, long now) {
    long empty = now + source.burst * source.interval;
    long full = Math.clamp(fullAt.getOrDefault(source, now), now, empty);
    return full > empty - source.interval;
  }

  /** How long it takes until there is one line of an allowance again; zero if there is. */
  synchronized Duration untilNext(Source source, long now) {
    long empty = now + source.burst * source.interval;
    long full = Math.clamp(fullAt.getOrDefault(source, now), now, empty);
    return Duration.ofMillis(Math.max(0, full - (empty - source.interval)));
  }

  /** Whether nothing of an allowance is taken, or all has come back. */
  synchronized boolean isFull(Source source, long now) {
    return fullAt.getOrDefault(source, now) <= now;
  }

  /**
   * Takes one line of an allowance.
   *
   * @param now milliseconds, of a clock that may be set back
   * @return whether there was one left
   */
  synchronized boolean admits(Source source, long now) {
    long empty = now + source.burst * source.interval;
    long full = Math.clamp(fullAt.getOrDefault(source, now), now, empty);
    boolean admitted = full <= empty - source.interval;
    fullAt.put(source, admitted ? full + source.interval : full);
    return admitted;
  }
}
