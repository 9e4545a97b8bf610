// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/**
 * One subnet in which machines of the rack may be.
 *
 * @param subnet its first address, and how large it is
 * @param address the appliance's own address there; absent means that it is reached through a relay
 * @param interfaceName the network interface that faces it; absent means the one that has the
 *     address
 * @param pool what a DHCP server may lease there
 * @param router default gateway in its leases, and of its nodes with a static address
 * @param dns name servers, in leases and on nodes with a static address
 * @param routes in leases, beside the default gateway
 */
public record RackNetwork(
    Cidr subnet,
    Optional<Inet4Address> address,
    Optional<String> interfaceName,
    Optional<AddressRange> pool,
    Optional<Inet4Address> router,
    List<Inet4Address> dns,
    List<Route> routes) {
  public RackNetwork {
    dns = List.copyOf(dns);
    routes = List.copyOf(routes);
  }
}
