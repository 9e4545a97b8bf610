// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A network as netplan reads it (netplan-yaml, version 2), for a file of {@code /etc/netplan} that
 * only root can read; by systemd-networkd.
 */
public final class Netplan {
  private Netplan() {}

  /** The text, YAML. */
  public static String of(NetworkPlan plan) {
    StringBuilder text = new StringBuilder("network:\n  version: 2\n  renderer: networkd\n");
    for (String kind : NetLink.Kind.WORDS) {
      List<NetLink> links =
          plan.network().links().stream().filter(link -> link.kind().word().equals(kind)).toList();
      if (!links.isEmpty()) {
        text.append("  ").append(kind.equals("card") ? "ethernets" : kind + "s").append(":\n");
        links.forEach(link -> text.append(link(plan, link)));
      }
    }
    return text.toString();
  }

  private static String link(NetworkPlan plan, NetLink link) {
    StringBuilder text = new StringBuilder("    " + quoted(link.name()) + ":\n");
    line(text, kind(link));
    if (plan.network().carriesBoot(link.name())) {
      line(text, "macaddress: " + quoted(plan.boot().toString()));
    }
    link.mtu().ifPresent(mtu -> line(text, "mtu: " + mtu));
    if (!plan.isMain(link)) {
      line(text, "optional: true");
    }
    if (plan.isMember(link)) {
      line(text, "link-local: []");
    }
    line(text, "dhcp4: " + link.dhcp().v4());
    line(text, "dhcp6: " + link.dhcp().v6());
    if (link.dhcp().v4()) {
      line(text, "dhcp-identifier: mac");
    }
    if (!link.addresses().isEmpty()) {
      line(text, "addresses: " + list(link.addresses().stream().map(IpPrefix::toString)));
    }
    if (!link.routes().isEmpty()) {
      line(text, "routes:");
      link.routes()
          .forEach(
              route ->
                  line(
                      text,
                      "  - { to: "
                          + quoted(route.to().toString())
                          + ", via: "
                          + quoted(IpPrefix.text(route.via()))
                          + " }"));
    }
    if (plan.hasDns(link)) {
      String search = list(Stream.of(plan.search()));
      line(
          text,
          "nameservers: { addresses: " + list(plan.dns().stream()) + ", search: " + search + " }");
    }
    return text.toString();
  }

  private static String kind(NetLink link) {
    return switch (link.kind()) {
      case NetLink.Kind.Card card -> "match: { macaddress: " + quoted(card.mac().toString()) + " }";
      case NetLink.Kind.Bond bond ->
          "interfaces: "
              + list(bond.members().stream())
              + "\n      parameters: { mode: "
              + quoted(bond.mode())
              + ", mii-monitor-interval: 100 }";
      case NetLink.Kind.Vlan vlan -> "id: " + vlan.id() + "\n      link: " + quoted(vlan.on());
      case NetLink.Kind.Bridge bridge ->
          "interfaces: "
              + list(bridge.members().stream())
              + "\n      parameters: { stp: "
              + bridge.stp()
              + " }";
    };
  }

  private static void line(StringBuilder text, String line) {
    text.append("      ").append(line).append('\n');
  }

  private static String list(Stream<String> items) {
    return items.map(Netplan::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String quoted(String text) {
    return Escapers.yaml(text);
  }
}
