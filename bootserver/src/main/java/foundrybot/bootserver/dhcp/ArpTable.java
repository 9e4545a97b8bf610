// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.AddressProber.Finding;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Linux's {@code /proc/net/arp}: who answered for which address. An entry stays long after its
 * machine has left, and the file does not say how old it is.
 *
 * @param owners complete entries
 */
record ArpTable(Map<String, MacAddress> owners) {
  static final ArpTable EMPTY = new ArpTable(Map.of());

  private static final int COLUMNS = 6;
  private static final int COMPLETE = 2;
  private static final String NOT_COMPLETE = " 0x0 ";

  ArpTable {
    owners = Map.copyOf(owners);
  }

  static ArpTable parse(String text) {
    Map<String, MacAddress> owners = new HashMap<>();
    for (String line : text.lines().skip(1).toList()) {
      if (line.contains(NOT_COMPLETE)) {
        // Of a rack that powers on at once there are a thousand of these.
        continue;
      }
      List<String> columns = List.of(line.strip().split("\\s+"));
      if (columns.size() >= COLUMNS && isComplete(columns.get(2))) {
        MacAddress.parse(columns.get(3))
            .filter(mac -> mac.bits() != 0)
            .ifPresent(mac -> owners.put(columns.get(0), mac));
      }
    }
    return new ArpTable(owners);
  }

  private static boolean isComplete(String flags) {
    try {
      return (Integer.decode(flags) & COMPLETE) != 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  Optional<MacAddress> owner(Inet4Address address) {
    return Optional.ofNullable(owners.get(address.getHostAddress()));
  }

  /**
   * What an entry proves.
   *
   * @param owner who has the address now, by the table
   * @param before who had it before it was asked
   * @param candidate who is to get it
   * @param refused whether a machine refused the datagram: only one that is there does
   * @param confirmed whether an entry that was there before has been confirmed since, see {@link
   *     OldNeighbours}
   * @param last whether this is the last look
   * @return empty: look again
   */
  static Optional<Finding> judge(
      Optional<MacAddress> owner,
      Optional<MacAddress> before,
      MacAddress candidate,
      boolean refused,
      boolean confirmed,
      boolean last) {
    if (owner.isEmpty()) {
      return last ? Optional.of(new Finding.Free()) : Optional.empty();
    }
    if (owner.get().equals(candidate)) {
      return Optional.of(new Finding.Free());
    }
    String who = owner.get().toString();
    if (refused) {
      return Optional.of(new Finding.InUse(who + " refuses a datagram"));
    }
    if (!owner.equals(before)) {
      return Optional.of(new Finding.InUse(who + " answers ARP"));
    }
    if (confirmed) {
      return Optional.of(new Finding.InUse(who + " still answers ARP"));
    }
    return last
        ? Optional.of(new Finding.Doubtful(who + " answered ARP some time ago"))
        : Optional.empty();
  }
}
