// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/**
 * The network of one installed system with all that the rack adds: the node's address and gateway
 * stand on the interface that carries the boot card.
 *
 * @param network with these
 * @param boot the boot card's MAC
 * @param dns name servers, which belong to that interface
 * @param search the domain of the rack
 */
public record NetworkPlan(NodeNetwork network, Mac boot, List<String> dns, String search) {
  private static final IpPrefix ANY = new IpPrefix(Ipv4.of(0), 0);

  public NetworkPlan {
    dns = List.copyOf(dns);
  }

  static NetworkPlan of(RackFile rack, Node node, RunContext run) {
    NodeNetwork network = node.network();
    String main = network.main();
    List<NetLink> links =
        network.links().stream()
            .map(link -> link.name().equals(main) ? withAddress(rack, node, link) : link)
            .toList();
    return new NetworkPlan(
        new NodeNetwork(links), node.mac(), NodeValues.dns(rack, node, run), rack.domain());
  }

  private static NetLink withAddress(RackFile rack, Node node, NetLink link) {
    if (node.address().isEmpty()) {
      return new NetLink(
          link.name(),
          link.kind(),
          link.dhcp().withV4(),
          link.addresses(),
          link.routes(),
          link.mtu());
    }
    List<IpPrefix> addresses = new ArrayList<>(List.of(IpPrefix.of(node.address().get())));
    addresses.addAll(link.addresses());
    List<NetLink.Route> routes = new ArrayList<>();
    if (!hasDefault(node.network())) {
      NodeValues.gateway(rack, node).ifPresent(gateway -> routes.add(route(gateway)));
    }
    routes.addAll(link.routes());
    return new NetLink(link.name(), link.kind(), link.dhcp(), addresses, routes, link.mtu());
  }

  /** The rack file's own word for it goes before what the rack has for all. */
  private static boolean hasDefault(NodeNetwork network) {
    return network.links().stream()
        .flatMap(link -> link.routes().stream())
        .anyMatch(route -> route.to().equals(ANY));
  }

  private static NetLink.Route route(Inet4Address gateway) {
    return new NetLink.Route(ANY, gateway);
  }

  boolean isMain(NetLink link) {
    return link.name().equals(network.main());
  }

  boolean isMember(NetLink link) {
    return network.masterOf(link.name()).isPresent();
  }

  /** With a lease its name servers count, as its server knows the network better. */
  boolean hasDns(NetLink link) {
    return isMain(link) && !link.dhcp().v4() && !dns.isEmpty();
  }
}
