// SPDX-License-Identifier: Apache-2.0
package foundrybot.redfish.discover;

import java.net.Inet4Address;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What many threads find, gathered by address. */
final class Sightings {
  private static final int MAX_HINTS = 1024;

  private final int all;
  private final Discovery.Watcher watcher;
  private final Map<Long, FoundBmc> bmcs = new TreeMap<>();
  private final Set<Hint> hints = new LinkedHashSet<>();
  private final Set<Inet4Address> elsewhere = new LinkedHashSet<>();
  private int done;

  Sightings(int all, Discovery.Watcher watcher) {
    this.all = all;
    this.watcher = watcher;
  }

  /** A port at which somebody says that a service is. */
  record Hint(Inet4Address address, int port) {}

  synchronized void add(Inet4Address address, FoundBmc.Redfish redfish) {
    FoundBmc known = at(address);
    if (known.redfish().stream().noneMatch(old -> old.url().equals(redfish.url()))) {
      List<FoundBmc.Redfish> services = new ArrayList<>(known.redfish());
      services.add(redfish);
      put(new FoundBmc(address, services, known.ipmi()));
    }
  }

  synchronized void add(Inet4Address address, URI ipmi) {
    put(new FoundBmc(address, at(address).redfish(), Optional.of(ipmi)));
  }

  /**
   * Takes an answer to the search; only where it came from counts, so that nobody can send this
   * host to a third one.
   */
  synchronized void hear(SsdpSearch.Heard heard, List<Subnet> subnets) {
    if (hints.size() + elsewhere.size() >= MAX_HINTS) {
      return;
    }
    if (subnets.stream().noneMatch(subnet -> subnet.contains(heard.sender()))) {
      elsewhere.add(heard.sender());
      return;
    }
    URI url = heard.answer().url();
    if ("https".equalsIgnoreCase(url.getScheme())) {
      hints.add(new Hint(heard.sender(), url.getPort() < 0 ? 443 : url.getPort()));
    }
  }

  /** Those that the sweep does not ask anyhow. */
  synchronized List<Hint> hints(int sweptPort) {
    return hints.stream().filter(hint -> hint.port() != sweptPort).toList();
  }

  synchronized void done() {
    done++;
    watcher.progress(done, all, bmcs.size());
  }

  synchronized List<FoundBmc> bmcs() {
    return List.copyOf(bmcs.values());
  }

  synchronized List<Inet4Address> elsewhere() {
    return List.copyOf(elsewhere);
  }

  private FoundBmc at(Inet4Address address) {
    return bmcs.getOrDefault(key(address), new FoundBmc(address, List.of(), Optional.empty()));
  }

  private void put(FoundBmc bmc) {
    bmcs.put(key(bmc.address()), bmc);
  }

  private static long key(Inet4Address address) {
    return Integer.toUnsignedLong(Subnet.number(address));
  }
}
