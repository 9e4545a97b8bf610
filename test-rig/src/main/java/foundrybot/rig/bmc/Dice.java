// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bmc;

import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Decides which fault hits, by a seed, and counts. */
final class Dice {
  private final Faults faults;
  private final Random random;
  private final Map<Faults.Rule, Integer> hits = new HashMap<>();
  private final Map<Fault, Integer> played = new EnumMap<>(Fault.class);

  Dice(Faults faults, long seed) {
    this.faults = faults;
    this.random = new Random(seed);
  }

  /** Whether the fault hits this request. */
  synchronized boolean hits(Fault fault, Request request) {
    String target = request.method() + " " + request.path();
    for (Faults.Rule rule : faults.rules()) {
      if (rule.fault() == fault
          && target.contains(rule.where())
          && hits.getOrDefault(rule, 0) < rule.most()
          && random.nextDouble() < rule.probability()) {
        hits.merge(rule, 1, Integer::sum);
        played.merge(fault, 1, Integer::sum);
        return true;
      }
    }
    return false;
  }

  /** Whether the BMC has that property. */
  boolean has(Fault fault) {
    return faults.has(fault);
  }

  /** How often each fault has hit so far. */
  synchronized Map<Fault, Integer> played() {
    return Collections.unmodifiableMap(new EnumMap<>(played));
  }
}
