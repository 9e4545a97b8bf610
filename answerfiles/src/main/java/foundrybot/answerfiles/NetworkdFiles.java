// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.List;

/**
 * A network as systemd-networkd reads it (systemd.netdev(5), systemd.network(5)), for {@code
 * /etc/systemd/network}.
 *
 * <p>Cards are matched by their permanent MAC, which a bond does not change. Only the interface
 * with the node's address is waited for at a start.
 */
public final class NetworkdFiles {
  private NetworkdFiles() {}

  /** The files, those of devices that are made before those of their settings. */
  public static List<ConfigFile> of(NetworkPlan plan) {
    List<ConfigFile> files = new ArrayList<>();
    for (NetLink link : plan.network().links()) {
      String device = device(plan, link);
      if (!device.isEmpty()) {
        files.add(new ConfigFile("10-" + link.name() + ".netdev", device));
      }
    }
    for (NetLink link : plan.network().links()) {
      files.add(new ConfigFile("20-" + link.name() + ".network", settings(plan, link)));
    }
    return files;
  }

  private static String device(NetworkPlan plan, NetLink link) {
    String what =
        switch (link.kind()) {
          case NetLink.Kind.Card _ -> "";
          case NetLink.Kind.Bond bond ->
              "\n[Bond]\nMode=" + bond.mode() + "\nMIIMonitorSec=100ms\n";
          case NetLink.Kind.Vlan vlan -> "\n[VLAN]\nId=" + vlan.id() + "\n";
          case NetLink.Kind.Bridge bridge ->
              "\n[Bridge]\nSTP=" + (bridge.stp() ? "yes" : "no") + "\n";
        };
    if (what.isEmpty()) {
      return "";
    }
    String mac = plan.network().carriesBoot(link.name()) ? "MACAddress=" + plan.boot() + "\n" : "";
    return "[NetDev]\nName=" + link.name() + "\nKind=" + link.kind().word() + "\n" + mac + what;
  }

  private static String settings(NetworkPlan plan, NetLink link) {
    StringBuilder text = new StringBuilder("[Match]\n");
    if (link.kind() instanceof NetLink.Kind.Card card) {
      text.append("PermanentMACAddress=").append(card.mac()).append('\n');
    } else {
      text.append("Name=").append(link.name()).append('\n');
    }
    text.append("\n[Link]\n");
    link.mtu().ifPresent(mtu -> text.append("MTUBytes=").append(mtu).append('\n'));
    text.append("RequiredForOnline=").append(plan.isMain(link) ? "yes" : "no").append('\n');
    text.append("\n[Network]\n");
    plan.network()
        .masterOf(link.name())
        .ifPresent(
            master -> {
              String key = master.kind() instanceof NetLink.Kind.Bond ? "Bond=" : "Bridge=";
              text.append(key).append(master.name()).append("\nLinkLocalAddressing=no\n");
            });
    plan.network()
        .vlansOn(link.name())
        .forEach(vlan -> text.append("VLAN=").append(vlan).append('\n'));
    text.append("DHCP=").append(dhcp(link.dhcp())).append('\n');
    link.addresses().forEach(address -> text.append("Address=").append(address).append('\n'));
    if (plan.hasDns(link)) {
      plan.dns().forEach(server -> text.append("DNS=").append(server).append('\n'));
      text.append("Domains=").append(plan.search()).append('\n');
    }
    if (link.dhcp().v4()) {
      // As the installer, so that the server knows it again.
      text.append("\n[DHCPv4]\nClientIdentifier=mac\n");
    }
    link.routes().forEach(route -> text.append(route(route)));
    return text.toString();
  }

  private static String route(NetLink.Route route) {
    return "\n[Route]\nDestination="
        + route.to()
        + "\nGateway="
        + IpPrefix.text(route.via())
        + "\n";
  }

  private static String dhcp(NetLink.Dhcp dhcp) {
    return switch (dhcp) {
      case OFF -> "no";
      case IPV4 -> "ipv4";
      case IPV6 -> "ipv6";
      case BOTH -> "yes";
    };
  }
}
