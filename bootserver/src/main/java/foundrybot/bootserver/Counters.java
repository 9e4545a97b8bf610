// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often what happened, by reason. Reasons come from the program, never from the network, so
 * that there are only so many.
 */
public final class Counters {
  /**
   * What a server has sent of its files and answers, in bytes, without what frames them: the one
   * number among these that is no event.
   */
  public static final String SENT_BYTES = "sent-bytes";

  private final Map<String, LongAdder> numbers = new ConcurrentHashMap<>();

  public void count(String reason) {
    add(reason, 1);
  }

  /** Counts so many at once. */
  public void add(String reason, long more) {
    LongAdder number = numbers.get(reason);
    if (number == null) {
      number = numbers.computeIfAbsent(reason, _ -> new LongAdder());
    }
    number.add(more);
  }

  /** A copy, in alphabetical order. */
  public Map<String, Long> snapshot() {
    Map<String, Long> copy = new TreeMap<>();
    numbers.forEach((reason, number) -> copy.put(reason, number.sum()));
    return copy;
  }
}
