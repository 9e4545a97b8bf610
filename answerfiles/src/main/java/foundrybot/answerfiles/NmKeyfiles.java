// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A network as NetworkManager reads it (nm-settings-keyfile(5)), for {@code
 * /etc/NetworkManager/system-connections}; the files must have mode 0600.
 */
public final class NmKeyfiles {
  private NmKeyfiles() {}

  /** One file for each interface. */
  public static List<ConfigFile> of(NetworkPlan plan) {
    return plan.network().links().stream()
        .map(link -> new ConfigFile(link.name() + ".nmconnection", text(plan, link)))
        .toList();
  }

  /** The same for the same node, so that a file that is written again replaces itself. */
  private static String uuid(NetworkPlan plan, String name) {
    byte[] seed = (plan.boot() + " " + name).getBytes(StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(seed).toString();
  }

  private static String text(NetworkPlan plan, NetLink link) {
    StringBuilder text = new StringBuilder("[connection]\n");
    line(text, "id", link.name());
    line(text, "uuid", uuid(plan, link.name()));
    line(text, "type", type(link.kind()));
    if (!(link.kind() instanceof NetLink.Kind.Card)) {
      line(text, "interface-name", link.name());
    }
    plan.network()
        .masterOf(link.name())
        .ifPresent(
            master -> {
              line(text, "master", uuid(plan, master.name()));
              line(text, "slave-type", type(master.kind()));
            });
    text.append(kind(plan, link));
    text.append(ethernet(plan, link));
    if (!plan.isMember(link)) {
      text.append(family(plan, link, true)).append(family(plan, link, false));
    }
    return text.toString();
  }

  private static String type(NetLink.Kind kind) {
    return kind instanceof NetLink.Kind.Card ? "ethernet" : kind.word();
  }

  private static String kind(NetworkPlan plan, NetLink link) {
    return switch (link.kind()) {
      case NetLink.Kind.Card _ -> "";
      case NetLink.Kind.Bond bond -> "\n[bond]\nmode=" + bond.mode() + "\nmiimon=100\n";
      case NetLink.Kind.Vlan vlan ->
          "\n[vlan]\nid=" + vlan.id() + "\nparent=" + uuid(plan, vlan.on()) + "\n";
      case NetLink.Kind.Bridge bridge -> "\n[bridge]\nstp=" + bridge.stp() + "\n";
    };
  }

  private static String ethernet(NetworkPlan plan, NetLink link) {
    StringBuilder text = new StringBuilder();
    if (link.kind() instanceof NetLink.Kind.Card card) {
      line(text, "mac-address", card.mac().toString());
    } else if (plan.network().carriesBoot(link.name())) {
      line(text, "cloned-mac-address", plan.boot().toString());
    }
    link.mtu().ifPresent(mtu -> line(text, "mtu", Integer.toString(mtu)));
    return text.isEmpty() ? "" : "\n[ethernet]\n" + text;
  }

  private static String family(NetworkPlan plan, NetLink link, boolean v4) {
    StringBuilder text = new StringBuilder(v4 ? "\n[ipv4]\n" : "\n[ipv6]\n");
    List<IpPrefix> addresses =
        link.addresses().stream().filter(address -> address.isV4() == v4).toList();
    line(text, "method", v4 ? method4(link, addresses) : "auto");
    for (int i = 0; i < addresses.size(); i++) {
      line(text, "address" + (i + 1), addresses.get(i).toString());
    }
    List<NetLink.Route> routes =
        link.routes().stream().filter(route -> route.to().isV4() == v4).toList();
    for (int i = 0; i < routes.size(); i++) {
      NetLink.Route route = routes.get(i);
      line(text, "route" + (i + 1), route.to() + "," + IpPrefix.text(route.via()));
    }
    if (v4 && link.dhcp().v4()) {
      line(text, "dhcp-client-id", "mac");
    }
    if (v4 && plan.hasDns(link)) {
      line(text, "dns", plan.dns().stream().collect(Collectors.joining(";", "", ";")));
      line(text, "dns-search", plan.search() + ";");
    }
    return text.toString();
  }

  private static String method4(NetLink link, List<IpPrefix> addresses) {
    if (link.dhcp().v4()) {
      return "auto";
    }
    return addresses.isEmpty() ? "disabled" : "manual";
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append('=').append(value).append('\n');
  }
}
