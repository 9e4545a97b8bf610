// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.NetLink.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A network as ifupdown reads it (interfaces(5)): a script for the machine that prints {@code
 * /etc/network/interfaces}, since only the machine knows what its cards are called.
 *
 * <p>A card that is not there ends the script with status 1 and its MAC.
 */
final class IfupdownScript {
  /** Whose words beyond those that all of them know. */
  enum Dialect {
    /** That of Proxmox VE. */
    IFUPDOWN2,
    /** That of Alpine Linux: takes a VLAN's number from its name, and asks by IPv4 alone. */
    IFUPDOWN_NG
  }

  private static final String HEAD =
      """
      #!/bin/sh
      # Prints /etc/network/interfaces. The argument is for tests: the kernel's folder.
      set -eu
      sys=${1:-/sys}

      # What a card is called; a bridge or a bond can have the same MAC.
      card() {
        for each in "$sys"/class/net/*; do
          if [ -e "$each/device" ] && [ "$(cat "$each/address")" = "$1" ]; then
            echo "${each##*/}"
            return
          fi
        done
        echo "interfaces: no network card $1" >&2
        return 1
      }

      """;

  private final NetworkPlan plan;
  private final NodeNetwork network;
  private final Dialect dialect;

  private IfupdownScript(NetworkPlan plan, Dialect dialect) {
    this.plan = plan;
    this.network = plan.network();
    this.dialect = dialect;
  }

  static String of(NetworkPlan plan, Dialect dialect) {
    return new IfupdownScript(plan, dialect).text();
  }

  private String text() {
    StringBuilder text = new StringBuilder(HEAD);
    for (NetLink link : network.links()) {
      if (link.kind() instanceof Kind.Card card) {
        text.append(variable(link)).append("=$(card ").append(card.mac()).append(")\n");
      }
    }
    // Between the lines only names of cards are put in: nothing else here has a dollar.
    text.append("cat <<END\nauto lo\niface lo inet loopback\n");
    network.links().forEach(link -> text.append('\n').append(stanza(link)));
    return text.append("END\n").toString();
  }

  private String variable(NetLink link) {
    return "card" + (network.links().indexOf(link) + 1);
  }

  private String name(NetLink link) {
    return link.kind() instanceof Kind.Card ? "${" + variable(link) + "}" : link.name();
  }

  private String name(String word) {
    return network.links().stream()
        .filter(link -> link.name().equals(word))
        .findFirst()
        .map(this::name)
        .orElseThrow(() -> new IllegalStateException(word + " was checked"));
  }

  private String stanza(NetLink link) {
    String name = name(link);
    List<String> lines = new ArrayList<>(kind(link));
    if (network.carriesBoot(link.name())) {
      lines.add("hwaddress " + plan.boot());
    }
    link.mtu().ifPresent(mtu -> lines.add("mtu " + mtu));
    return "auto " + name + "\n" + family(link, true, lines) + family(link, false, List.of());
  }

  private List<String> kind(NetLink link) {
    return switch (link.kind()) {
      case Kind.Card _ -> List.of();
      case Kind.Bond bond ->
          List.of(
              "bond-slaves " + names(bond.members()),
              "bond-mode " + bond.mode(),
              "bond-miimon 100");
      case Kind.Bridge bridge ->
          bridge.stp()
              ? List.of("bridge-ports " + names(bridge.members()), "bridge-stp on")
              : List.of("bridge-ports " + names(bridge.members()), "bridge-stp off", "bridge-fd 0");
      case Kind.Vlan vlan -> vlan(link.name(), name(vlan.on()), vlan.id());
    };
  }

  private List<String> vlan(String name, String on, int id) {
    return switch (dialect) {
      case IFUPDOWN2 -> List.of("vlan-raw-device " + on, "vlan-id " + id);
      case IFUPDOWN_NG ->
          List.of(
              "requires " + on,
              "pre-up test -d /sys/class/net/"
                  + name
                  + " || ip link add link "
                  + on
                  + " name "
                  + name
                  + " type vlan id "
                  + id,
              "post-down ip link delete dev " + name);
    };
  }

  /** The boot card first: a bond has the MAC of the card that comes to it first. */
  private String names(List<String> members) {
    return members.stream()
        .sorted(Comparator.comparing(member -> !member.equals(NetLink.BOOT)))
        .map(this::name)
        .collect(Collectors.joining(" "));
  }

  /**
   * A stanza of IPv4 is there in any case, as it carries what the interface is made of; one of IPv6
   * if there is something to say.
   */
  private String family(NetLink link, boolean v4, List<String> first) {
    String name = name(link);
    List<IpPrefix> addresses = new ArrayList<>();
    link.addresses().stream().filter(address -> address.isV4() == v4).forEach(addresses::add);
    List<NetLink.Route> routes = new ArrayList<>();
    link.routes().stream().filter(route -> route.to().isV4() == v4).forEach(routes::add);
    boolean lease = v4 ? link.dhcp().v4() : link.dhcp().v6();
    List<String> lines = new ArrayList<>(first);
    boolean fixed = !lease && !addresses.isEmpty();
    if (fixed) {
      lines.add("address " + addresses.removeFirst());
      routes.stream()
          .filter(route -> route.to().length() == 0)
          .findFirst()
          .ifPresent(
              route -> {
                routes.remove(route);
                lines.add("gateway " + IpPrefix.text(route.via()));
              });
    }
    String ip = v4 ? "up ip " : "up ip -6 ";
    addresses.forEach(address -> lines.add(ip + "addr replace " + address + " dev " + name));
    routes.forEach(
        route ->
            lines.add(
                ip
                    + "route replace "
                    + route.to()
                    + " via "
                    + IpPrefix.text(route.via())
                    + " dev "
                    + name));
    if (!v4 && !lease && !fixed && lines.isEmpty()) {
      return "";
    }
    String method = lease ? "dhcp" : fixed ? "static" : "manual";
    return "iface "
        + name
        + (v4 ? " inet " : " inet6 ")
        + method
        + "\n"
        + lines.stream().map(line -> "\t" + line + "\n").collect(Collectors.joining());
  }
}
