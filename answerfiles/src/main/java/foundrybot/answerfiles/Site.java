// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is the same for all machines at this place.
 *
 * @param timezone a name of the tz database, such as {@code Europe/Berlin}
 * @param mirror a Debian mirror; absent means the appliance's own, {@code /debian} on its HTTP port
 * @param ntp time servers by name or address; empty means the appliance, while it tells the time
 * @param gateway default gateway of nodes with a static address; absent means the appliance's
 *     {@code router}, and without that none
 * @param names labels below the domain with their addresses, beside the nodes' own
 * @param etcdDiscovery how etcd finds its members by DNS
 */
public record Site(
    String timezone,
    Optional<URI> mirror,
    List<String> ntp,
    Optional<Inet4Address> gateway,
    Map<String, List<InetAddress>> names,
    EtcdDiscovery etcdDiscovery) {
  public Site {
    ntp = List.copyOf(ntp);
    names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
  }
}
