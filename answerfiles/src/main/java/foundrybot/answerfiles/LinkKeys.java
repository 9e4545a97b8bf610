// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Shape.Items;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Shape.Table;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The keys of the rack file about the interfaces of installed systems. */
final class LinkKeys {
  private static final int MOST_LINKS = 64;
  private static final int MOST_ADDRESSES = 16;
  private static final int MOST_ROUTES = 64;

  /** IPv4 must carry 576 bytes (RFC 791); more than this no interface takes. */
  private static final int LEAST_MTU = 576;

  private static final int MOST_MTU = 65_535;

  /** What the kernel takes as an interface's name, in 15 characters. */
  private static final String NAME_FORM = "[a-z][a-z0-9_.-]{0,14}";

  private static final String ADDRESS_FORM = "[0-9A-Fa-f:.]{2,39}";

  /** The kernel's own words where interfaces have names, and the mesh's interfaces. */
  private static final Pattern TAKEN = Pattern.compile("lo|all|default|bonding_masters|wg[0-9]+");

  private static final Rule NAME =
      Rule.matching(
          "an interface's name of at most 15 lower-case letters, digits and _.-, such as bond0; not"
              + " lo, all, default, or one of the mesh, as wg0",
          NAME_FORM,
          text -> text.matches(NAME_FORM) && !TAKEN.matcher(text).matches());
  private static final Rule NAME_OR_MAC =
      Rule.matching(
          "a name under network, or the MAC of a card",
          NAME_FORM + "|" + Rules.MAC.schema().get("pattern"),
          text -> NAME.accepts().test(text) || Rules.MAC.accepts().test(text));
  private static final Rule BOND =
      Rule.oneOf(
          List.of(
              "802.3ad",
              "active-backup",
              "balance-rr",
              "balance-xor",
              "broadcast",
              "balance-tlb",
              "balance-alb"));
  private static final Rule PREFIX =
      Rule.matching(
          "an address that a machine can have, with its prefix length, such as 10.90.0.5/24 or"
              + " fd00:90::5/64",
          ADDRESS_FORM + "/[0-9]{1,3}",
          text -> IpPrefix.parse(text).filter(LinkKeys::isUsable).isPresent());
  private static final Rule DESTINATION =
      Rule.matching(
          "a subnet by its first address and prefix length, such as 10.90.0.0/16 or ::/0",
          ADDRESS_FORM + "/[0-9]{1,3}",
          text -> IpPrefix.parse(text).filter(LinkKeys::isFirst).isPresent());

  /** What a profile can do; others it refuses. */
  static final Rule ABILITY =
      Rule.oneOf(
          Stream.concat(NetLink.Kind.WORDS.stream(), Stream.of(NetLink.IPV4_LEASES)).toList());

  private LinkKeys() {}

  static Shape.Key network(String fallback, String meaning) {
    return Shape.Key.optional("network", new Table(NAME, link(), 0, MOST_LINKS), fallback, meaning);
  }

  private static Mapping link() {
    return new Mapping(
        List.of(
            Shape.Key.optional(
                "card",
                new Scalar(Rules.MAC),
                "none",
                "A further card by its MAC; the one that the machine boots from is boot."),
            Shape.Key.optional(
                "bond", new Scalar(BOND), "none", "Several cards as one, in this mode."),
            Shape.Key.optional(
                "vlan",
                new Scalar(Rule.number(1, 4094)),
                "none",
                "A tagged network (IEEE 802.1Q) by its number."),
            Shape.Key.optional(
                "bridge",
                new Scalar(Rule.oneOf(List.of("plain", "stp"))),
                "none",
                "A bridge, without or with spanning tree."),
            Shape.Key.optional(
                "members",
                new Items(NAME_OR_MAC, 1, MOST_LINKS),
                "required for bond and bridge",
                "What it is made of: names under network, boot, or MACs of cards."),
            Shape.Key.optional(
                "on",
                new Scalar(NAME_OR_MAC),
                "required for vlan",
                "What carries the VLAN: a name under network, boot, or a card's MAC."),
            Shape.Key.optional(
                "dhcp",
                new Scalar(Rule.oneOf(List.of("off", "ipv4", "ipv6", "both"))),
                "off",
                "Leases that it asks for, beside what the node's address says."),
            Shape.Key.optional(
                "addresses",
                new Items(PREFIX, 0, MOST_ADDRESSES),
                "none",
                "Static addresses, IPv4 and IPv6, with their prefix lengths."),
            Shape.Key.optional(
                "routes",
                new Table(DESTINATION, new Scalar(Rules.ANY_ADDRESS), 0, MOST_ROUTES),
                "none",
                "The router by the subnet behind it; 0.0.0.0/0 and ::/0 are all that is left."),
            Shape.Key.optional(
                "mtu",
                new Scalar(Rule.number(LEAST_MTU, MOST_MTU)),
                "the kernel's",
                "Bytes of the largest packet.")));
  }

  /** Not the first of its subnet, which names it (and is any router's: RFC 4291, 2.6.1). */
  private static boolean isUsable(IpPrefix prefix) {
    InetAddress address = prefix.address();
    boolean special =
        address.isAnyLocalAddress() || address.isMulticastAddress() || address.isLoopbackAddress();
    boolean edge =
        switch (address) {
          case Inet4Address four -> isEdge(new Cidr(four, prefix.length()));
          default -> prefix.length() < 127 && isFirst(prefix);
        };
    return !special && !edge;
  }

  private static boolean isEdge(Cidr cidr) {
    boolean reserved = (cidr.address().getAddress()[0] & 0xff) >= 240;
    return reserved
        || (cidr.prefixLength() < 31
            && (cidr.address().equals(cidr.network()) || cidr.address().equals(cidr.broadcast())));
  }

  private static boolean isFirst(IpPrefix prefix) {
    String text = prefix.toString();
    Optional<Boolean> four = Cidr.parse(text).map(cidr -> cidr.network().equals(cidr.address()));
    return four.or(() -> Cidr6.parse(text).map(Cidr6::isNetwork)).orElse(false);
  }
}
