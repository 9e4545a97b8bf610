// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.NetLink.Kind;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which addresses and routes one node's interfaces can have side by side. What the kernel refuses
 * here would be found out when the installed system starts, and leave it without that interface.
 */
final class LinkAddresses {
  /** What each link that carries IPv6 must carry (RFC 8200, section 5). */
  private static final int LEAST_MTU_OF_IPV6 = 1280;

  private final LinkChecks.Sink sink;
  private final NodeNetwork network;

  /** The node's own address, which stands on its main interface. */
  private final Optional<Cidr> own;

  private final boolean hasLease;

  /**
   * Looks at one node.
   *
   * @param own the node's address, if it has a sound one
   * @param hasLease whether its main interface asks for a lease, as the node has no address
   */
  LinkAddresses(LinkChecks.Sink sink, NodeNetwork network, Optional<Cidr> own, boolean hasLease) {
    this.sink = sink;
    this.network = network;
    this.own = own;
    this.hasLease = hasLease;
  }

  void check() {
    Map<InetAddress, String> addresses = new HashMap<>();
    own.ifPresent(cidr -> addresses.put(cidr.address(), "the node itself"));
    Map<IpPrefix, String> routes = new HashMap<>();
    Map<List<Object>, String> tags = new HashMap<>();
    for (NetLink link : network.links()) {
      link.addresses().forEach(address -> once(link, address, addresses));
      link.routes().forEach(route -> route(link, route, routes));
      if (link.kind() instanceof Kind.Vlan vlan) {
        Optional.ofNullable(tags.putIfAbsent(List.of(vlan.on(), vlan.id()), link.name()))
            .ifPresent(
                other ->
                    sink.fault(
                        link,
                        "vlan",
                        Integer.toString(vlan.id()),
                        "each VLAN of " + vlan.on() + " once; this one is " + other));
      }
      mtu(link);
    }
  }

  /** Each interface has link-local ones for itself. */
  private void once(NetLink link, IpPrefix prefix, Map<InetAddress, String> addresses) {
    if (prefix.address().isLinkLocalAddress() && !prefix.isV4()) {
      return;
    }
    String earlier = addresses.putIfAbsent(prefix.address(), link.name());
    if (earlier != null) {
      String expected = "each address once; " + earlier + " has it";
      sink.fault(link, "addresses", prefix.toString(), expected);
    }
  }

  private void route(NetLink link, NetLink.Route route, Map<IpPrefix, String> routes) {
    String earlier = routes.putIfAbsent(route.to(), link.name());
    if (earlier != null) {
      String expected = "one router for each subnet; " + earlier + " has a route to this one";
      sink.fault(link, "routes", route.to().toString(), expected);
    }
    if (!(route.via() instanceof Inet4Address router) || isLeased(link)) {
      // IPv6 has routers and subnets that advertisements tell.
      return;
    }
    List<Cidr> subnets = subnets(link);
    boolean onLink = subnets.stream().anyMatch(subnet -> RackBuilder.isHost(subnet, router));
    boolean itself = subnets.stream().anyMatch(subnet -> subnet.address().equals(router));
    if (!onLink || itself) {
      String of = subnets.isEmpty() ? ", which has none of IPv4" : " " + text(subnets);
      String expected =
          "another machine's address in a subnet of " + link.name() + of + ", as a router is";
      sink.fault(link, "routes", router.getHostAddress(), expected);
    }
  }

  /** Of whatever the lease will be: what it says is not known here. */
  private boolean isLeased(NetLink link) {
    return link.dhcp().v4() || (hasLease && isMain(link));
  }

  private boolean isMain(NetLink link) {
    return link.name().equals(network.main());
  }

  private List<Cidr> subnets(NetLink link) {
    List<Cidr> subnets = new ArrayList<>();
    own.filter(_ -> isMain(link)).ifPresent(subnets::add);
    for (IpPrefix prefix : link.addresses()) {
      if (prefix.address() instanceof Inet4Address four) {
        subnets.add(new Cidr(four, prefix.length()));
      }
    }
    return subnets;
  }

  private static String text(List<Cidr> subnets) {
    return String.join(
        " or ",
        subnets.stream()
            .map(subnet -> new Cidr(subnet.network(), subnet.prefixLength()).toString())
            .toList());
  }

  private void mtu(NetLink link) {
    boolean six =
        link.dhcp().v6()
            || link.addresses().stream().anyMatch(address -> !address.isV4())
            || link.routes().stream().anyMatch(route -> !route.to().isV4());
    if (six && link.mtu().filter(mtu -> mtu < LEAST_MTU_OF_IPV6).isPresent()) {
      String expected = "at least " + LEAST_MTU_OF_IPV6 + ", as IPv6 needs";
      sink.fault(link, "mtu", link.mtu().get().toString(), expected);
    }
  }
}
