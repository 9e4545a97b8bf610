// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** The counters of all services under one roof, for the operator. */
final class WireCounters {
  private record Source(String service, Supplier<Map<String, Long>> counters) {}

  private final List<Source> sources = new CopyOnWriteArrayList<>();

  /**
   * Adds a service; one that is there already, as on several addresses, is summed up.
   *
   * @param service comes before each of its names, unless it is there already
   */
  void add(String service, Supplier<Map<String, Long>> counters) {
    sources.add(new Source(service, counters));
  }

  /** Those that are not zero, such as {@code tftp.malformed.opcode}. */
  Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    sources.forEach(
        source ->
            source
                .counters()
                .get()
                .forEach(
                    (name, number) -> {
                      if (number > 0) {
                        String prefix = source.service() + ".";
                        String whole = name.startsWith(prefix) ? name : prefix + name;
                        all.merge(whole, number, Long::sum);
                      }
                    }));
    return all;
  }
}
