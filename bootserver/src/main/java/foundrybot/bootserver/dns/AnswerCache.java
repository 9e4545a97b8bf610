// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Resolvers' answers for as long as they hold. Each is kept whole and answers only the question it
 * was given to: no record of it is ever used for another, so that it can poison nothing else. Used
 * by one thread.
 */
final class AnswerCache {
  /** Larger ones are asked for anew; so the cache's size is bounded in octets too. */
  private static final int LARGEST = 4096;

  /** Signatures wanted, and checking disabled, make for other answers. */
  record Key(Question question, boolean dnssec, boolean unchecked) {
    static Key of(Query query) {
      return new Key(
          query.question(),
          query.edns().filter(Query.Edns::dnssec).isPresent(),
          (query.flags() & Flags.CD) != 0);
    }
  }

  /** An answer and how long it has been here. */
  record Found(Relayed answer, Duration age) {}

  private record Entry(Relayed answer, Instant since, Duration life) {}

  private final DnsSettings.Limits limits;
  private final Clock clock;
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  AnswerCache(DnsSettings.Limits limits, Clock clock) {
    this.limits = limits;
    this.clock = clock;
  }

  Optional<Found> find(Key key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    Duration age = Duration.between(entry.since(), clock.instant());
    if (age.isNegative() || age.compareTo(entry.life()) >= 0) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(new Found(entry.answer(), age));
  }

  /** Keeps an answer if it holds for any time; who was not asked for longest makes room. */
  void keep(Key key, Relayed answer) {
    Duration life = answer.life(limits);
    if (life.isZero() || answer.length() > LARGEST || limits.cached() == 0) {
      return;
    }
    entries.put(key, new Entry(answer, clock.instant(), life));
    if (entries.size() > limits.cached()) {
      entries.remove(entries.keySet().iterator().next());
    }
  }
}
