// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One interface of an installed system.
 *
 * @param name of a bond, VLAN or bridge the interface's own; of a card only the rack file's word
 *     for it, as cards are known by their MAC
 * @param dhcp which leases it asks for; IPv6 router advertisements are heard in any case
 * @param addresses static ones
 * @param mtu in bytes; absent: what the kernel takes
 */
public record NetLink(
    String name,
    Kind kind,
    Dhcp dhcp,
    List<IpPrefix> addresses,
    List<Route> routes,
    Optional<Integer> mtu) {
  /** The card that the machine boots from. */
  public static final String BOOT = "boot";

  /** Of a profile's {@code networks}: its systems ask for leases by IPv4 alone. */
  public static final String IPV4_LEASES = "ipv4-leases";

  public NetLink {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
  }

  /** What an interface is made of. */
  public sealed interface Kind {
    /** A network card by its permanent MAC. */
    record Card(Mac mac) implements Kind {}

    /**
     * Several cards as one.
     *
     * @param mode the kernel's word, such as {@code 802.3ad}
     */
    record Bond(String mode, List<String> members) implements Kind {
      public Bond {
        members = List.copyOf(members);
      }
    }

    /**
     * A tagged network (IEEE 802.1Q).
     *
     * @param on the interface that carries it
     */
    record Vlan(int id, String on) implements Kind {}

    /**
     * A bridge.
     *
     * @param stp whether it speaks the spanning tree protocol
     */
    record Bridge(boolean stp, List<String> members) implements Kind {
      public Bridge {
        members = List.copyOf(members);
      }
    }

    /** The kinds' words, as profiles list what they can do. */
    List<String> WORDS = List.of("card", "bond", "vlan", "bridge");

    /** The kind's word. */
    default String word() {
      return switch (this) {
        case Card _ -> "card";
        case Bond _ -> "bond";
        case Vlan _ -> "vlan";
        case Bridge _ -> "bridge";
      };
    }

    /** The interfaces that have nothing of their own any more. */
    default List<String> members() {
      return switch (this) {
        case Bond bond -> bond.members;
        case Bridge bridge -> bridge.members;
        case Card _, Vlan _ -> List.of();
      };
    }
  }

  /** Which leases an interface asks for. */
  public enum Dhcp {
    /** None. */
    OFF,
    /** DHCPv4. */
    IPV4,
    /** DHCPv6. */
    IPV6,
    /** Both. */
    BOTH;

    boolean v4() {
      return this == IPV4 || this == BOTH;
    }

    boolean v6() {
      return this == IPV6 || this == BOTH;
    }

    Dhcp withV4() {
      return v6() ? BOTH : IPV4;
    }
  }

  /**
   * A route.
   *
   * @param to {@code 0.0.0.0/0} or {@code ::/0} for the default one
   */
  public record Route(IpPrefix to, InetAddress via) {}

  boolean hasSettings() {
    return dhcp != Dhcp.OFF || !addresses.isEmpty() || !routes.isEmpty();
  }
}
