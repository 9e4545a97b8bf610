// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.NetLink.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network as the interfaces of a Talos machine configuration ({@code machine.network.interfaces},
 * v1alpha1), for the sections of a template.
 *
 * <p>Talos knows a card by its MAC, a VLAN as a part of the interface that carries it, and a
 * bridge's members by their names alone; cards have none that is known beforehand. So a card that
 * is in a bridge, or carries a VLAN that is, becomes a bond of one.
 */
final class TalosNetwork {
  /** Of a bond of one card; with the card's word behind it at most the kernel's 15 characters. */
  private static final String ONE = "one";

  private final NetworkPlan plan;
  private final NodeNetwork network;

  private TalosNetwork(NetworkPlan plan) {
    this.plan = plan;
    this.network = plan.network();
  }

  static List<Map<String, Object>> of(NetworkPlan plan) {
    TalosNetwork talos = new TalosNetwork(plan);
    return talos.network.links().stream()
        .filter(link -> !(link.kind() instanceof Kind.Vlan) && !talos.isInBond(link))
        .map(talos::values)
        .toList();
  }

  private boolean isInBond(NetLink link) {
    return master(link).filter(master -> master.kind() instanceof Kind.Bond).isPresent();
  }

  private Optional<NetLink> master(NetLink link) {
    return network.masterOf(link.name());
  }

  private NetLink link(String name) {
    return network.links().stream()
        .filter(link -> link.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " was checked"));
  }

  private Map<String, Object> values(NetLink link) {
    Map<String, Object> map = addressing(link);
    boolean selected = link.kind() instanceof Kind.Card && !isOne(link);
    map.put("isCard", selected);
    map.put("name", name(link));
    map.put("mac", link.kind() instanceof Kind.Card card ? card.mac().toString() : "");
    List<String> cards = cards(link);
    map.put("isBond", !cards.isEmpty());
    map.put("mode", link.kind() instanceof Kind.Bond bond ? bond.mode() : "active-backup");
    map.put("cards", cards);
    boolean bridge = link.kind() instanceof Kind.Bridge;
    map.put("isBridge", bridge);
    map.put("stp", link.kind() instanceof Kind.Bridge it && it.stp());
    map.put(
        "members",
        bridge
            ? link.kind().members().stream().map(this::link).map(this::name).toList()
            : List.of());
    List<Map<String, Object>> vlans =
        network.vlansOn(link.name()).stream().map(this::link).map(this::vlan).toList();
    map.put("hasVlans", !vlans.isEmpty());
    map.put("vlans", vlans);
    return map;
  }

  private Map<String, Object> vlan(NetLink link) {
    Map<String, Object> map = addressing(link);
    map.put("vlanId", link.kind() instanceof Kind.Vlan vlan ? Integer.toString(vlan.id()) : "");
    return map;
  }

  private static Map<String, Object> addressing(NetLink link) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("hasMtu", link.mtu().isPresent());
    map.put("mtu", link.mtu().map(mtu -> Integer.toString(mtu)).orElse(""));
    map.put("dhcp4", link.dhcp().v4());
    map.put("dhcp6", link.dhcp().v6());
    map.put("hasDhcp", link.dhcp() != NetLink.Dhcp.OFF);
    map.put("hasAddresses", !link.addresses().isEmpty());
    map.put("addresses", link.addresses().stream().map(IpPrefix::toString).toList());
    map.put("hasRoutes", !link.routes().isEmpty());
    map.put(
        "routes",
        link.routes().stream()
            .map(
                route ->
                    Map.<String, Object>of(
                        "to", route.to().toString(), "via", IpPrefix.text(route.via())))
            .toList());
    return map;
  }

  /** By which its bridge finds it. */
  private String name(NetLink link) {
    return switch (link.kind()) {
      case Kind.Card _ -> isOne(link) ? ONE + "-" + number(link) : link.name();
      case Kind.Vlan vlan -> name(link(vlan.on())) + "." + vlan.id();
      case Kind.Bond _, Kind.Bridge _ -> link.name();
    };
  }

  /** Its place among the interfaces: a card's word can be longer than the kernel lets a name be. */
  private int number(NetLink link) {
    return network.links().indexOf(link) + 1;
  }

  private boolean isOne(NetLink link) {
    return link.kind() instanceof Kind.Card
        && (isInBridge(link)
            || network.vlansOn(link.name()).stream().map(this::link).anyMatch(this::isInBridge));
  }

  private boolean isInBridge(NetLink link) {
    return master(link).filter(master -> master.kind() instanceof Kind.Bridge).isPresent();
  }

  /** The boot card first: a bond has the MAC of the card that comes to it first. */
  private List<String> cards(NetLink link) {
    Stream<NetLink> members =
        isOne(link)
            ? Stream.of(link)
            : link.kind() instanceof Kind.Bond bond
                ? bond.members().stream().map(this::link)
                : Stream.of();
    List<String> macs = new ArrayList<>();
    members.forEach(
        member -> {
          if (member.kind() instanceof Kind.Card card) {
            macs.add(card.mac().toString());
          }
        });
    macs.sort(Comparator.comparing(mac -> !mac.equals(plan.boot().toString())));
    return macs;
  }
}
