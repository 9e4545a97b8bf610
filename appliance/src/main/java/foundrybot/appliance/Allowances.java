// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How many lines of the journal each machine may cause, by where they come from: what anybody can
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
    /** Packages, of which one installation fetches hundreds. */
    MIRROR(60, 60);

    private final int burst;
    private final int perMinute;

    Source(int burst, int perMinute) {
      this.burst = burst;
      this.perMinute = perMinute;
    }

    int burst() {
      return burst;
    }
  }

  private static final double MINUTE = Duration.ofMinutes(1).toMillis();

  private record Key(Source source, String machine) {}

  private record Bucket(double level, Instant at) {}

  private final Clock clock;
  // At most one entry per source and machine of the rack file: strangers share theirs.
  private final Map<Key, Bucket> buckets = new HashMap<>();
  private long refused;

  Allowances(Clock clock) {
    this.clock = clock;
  }

  /**
   * Takes one line of an allowance.
   *
   * @param machine of the rack file; empty for all others together
   * @return whether there was one left
   */
  synchronized boolean admits(Source source, String machine) {
    Instant now = clock.instant();
    Key key = new Key(source, machine);
    Bucket bucket = buckets.getOrDefault(key, new Bucket(source.burst, now));
    double back = Duration.between(bucket.at(), now).toMillis() * source.perMinute / MINUTE;
    double level = Math.min(source.burst, bucket.level() + Math.max(0, back));
    boolean admitted = level >= 1;
    if (!admitted) {
      refused++;
    }
    buckets.put(key, new Bucket(admitted ? level - 1 : level, now));
    return admitted;
  }

  /** Lines left out since the start. */
  synchronized long refused() {
    return refused;
  }
}
