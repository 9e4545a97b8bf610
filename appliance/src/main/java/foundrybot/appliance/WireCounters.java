// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The counters of all services under one roof, for the operator. */
final class WireCounters {
  private final Map<String, Supplier<Map<String, Long>>> sources = new ConcurrentHashMap<>();

  /**
   * Adds a service.
   *
   * @param service comes before each of its names, unless it is there already
   */
  void add(String service, Supplier<Map<String, Long>> counters) {
    sources.put(service, counters);
  }

  /** Those that are not zero, such as {@code tftp.malformed.opcode}. */
  Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    sources.forEach(
        (service, counters) ->
            counters
                .get()
                .forEach(
                    (name, number) -> {
                      if (number > 0) {
                        String prefix = service + ".";
                        all.put(name.startsWith(prefix) ? name : prefix + name, number);
                      }
                    }));
    return all;
  }
}
