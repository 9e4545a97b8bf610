// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which machines are known, and which address belongs to which. Asked on an event loop for every
 * packet: look-ups in an immutable snapshot. A reservation may lie inside or outside the pool.
 */
public interface Reservations {
  /** The address that only this machine gets. */
  Optional<Inet4Address> reservation(MacAddress mac);

  /** The reverse of {@link #reservation}: whose address this is, so that the pool leaves it out. */
  Optional<MacAddress> owner(Inet4Address address);

  /** Whether the machine may have a lease where unknown machines get none. */
  boolean isKnown(MacAddress mac);

  /**
   * The host name of option 12, for machines that ask for it.
   *
   * @return 1..63 characters
   */
  default Optional<String> hostName(MacAddress mac) {
    return Optional.empty();
  }

  /**
   * Options that leases of this machine have beside the usual ones, whether or not it asks. One of
   * a code that the network has, too, takes its place.
   */
  default List<DhcpOption> options(MacAddress mac) {
    return List.of();
  }

  /** Reservations that never change; exactly the machines in the map are known. */
  static Reservations of(Map<MacAddress, Inet4Address> addresses) {
    Map<MacAddress, Inet4Address> byMac = Map.copyOf(addresses);
    Map<Inet4Address, MacAddress> byAddress = new HashMap<>();
    byMac.forEach(
        (mac, address) -> {
          MacAddress other = byAddress.put(address, mac);
          if (other != null) {
            throw new IllegalArgumentException(
                "reservation: " + address.getHostAddress() + " for " + other + " and " + mac);
          }
        });
    return new Reservations() {
      @Override
      public Optional<Inet4Address> reservation(MacAddress mac) {
        return Optional.ofNullable(byMac.get(mac));
      }

      @Override
      public Optional<MacAddress> owner(Inet4Address address) {
        return Optional.ofNullable(byAddress.get(address));
      }

      @Override
      public boolean isKnown(MacAddress mac) {
        return byMac.containsKey(mac);
      }
    };
  }
}
