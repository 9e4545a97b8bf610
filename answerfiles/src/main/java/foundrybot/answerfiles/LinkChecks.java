// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.NetLink.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What holds between the interfaces of one node. */
final class LinkChecks {
  /** Where faults go. */
  interface Sink {
    /**
     * Takes one.
     *
     * @param key of the interface; empty: the interface as a whole
     */
    void fault(NetLink link, String key, String value, String expected);
  }

  /** Of Ethernet, where nothing is said. */
  private static final int USUAL_MTU = 1500;

  private final Sink sink;

  LinkChecks(Sink sink) {
    this.sink = sink;
  }

  void check(NodeNetwork network, boolean hasAddress) {
    Map<String, NetLink> links = new HashMap<>();
    network.links().forEach(link -> links.put(link.name(), link));
    Map<String, String> masters = new HashMap<>();
    for (NetLink link : network.links()) {
      for (String member : link.kind().members()) {
        member(link, member, Optional.ofNullable(links.get(member)), masters);
      }
      if (link.kind() instanceof Kind.Vlan vlan) {
        carrier(link, vlan, Optional.ofNullable(links.get(vlan.on())), network);
      }
      if (isBelowItself(link.name(), link, links, new HashSet<>())) {
        sink.fault(link, "members", link.name(), "what does not lie on " + link.name() + " itself");
      }
    }
    main(network, links, hasAddress);
  }

  private void member(
      NetLink master, String name, Optional<NetLink> member, Map<String, String> masters) {
    String earlier = masters.putIfAbsent(name, master.name());
    if (earlier != null) {
      sink.fault(master, "members", name, "each interface once; it is a member of " + earlier);
    }
    if (member.isEmpty()) {
      return;
    }
    Kind kind = member.get().kind();
    if (master.kind() instanceof Kind.Bond && !(kind instanceof Kind.Card)) {
      sink.fault(master, "members", name, "cards only, as a bond is made of them");
    } else if (kind instanceof Kind.Bridge) {
      sink.fault(master, "members", name, "a card, a bond or a VLAN");
    }
    if (member.get().hasSettings()) {
      String expected = "no dhcp, addresses or routes on a member: they belong to " + master.name();
      sink.fault(member.get(), "", name, expected);
    }
  }

  private void carrier(NetLink link, Kind.Vlan vlan, Optional<NetLink> on, NodeNetwork network) {
    if (on.isPresent() && on.get().kind() instanceof Kind.Vlan) {
      sink.fault(link, "on", vlan.on(), "a card, a bond or a bridge");
    }
    int room = on.flatMap(NetLink::mtu).orElse(USUAL_MTU);
    if (link.mtu().filter(mtu -> mtu > room).isPresent()) {
      String value = link.mtu().get().toString();
      sink.fault(link, "mtu", value, "at most the mtu of " + vlan.on() + ", " + room);
    }
    network
        .masterOf(vlan.on())
        .filter(master -> master.kind() instanceof Kind.Bond)
        .ifPresent(
            bond -> sink.fault(link, "on", vlan.on(), bond.name() + ", of which it is a member"));
  }

  private static boolean isBelowItself(
      String name, NetLink link, Map<String, NetLink> links, Set<String> seen) {
    List<String> below = new ArrayList<>(link.kind().members());
    if (link.kind() instanceof Kind.Vlan vlan) {
      below.add(vlan.on());
    }
    return below.stream()
        .anyMatch(
            each -> {
              NetLink next = links.get(each);
              return each.equals(name)
                  || (next != null && seen.add(each) && isBelowItself(name, next, links, seen));
            });
  }

  /** The node's own address, or its lease, is what the appliance knows it by. */
  private void main(NodeNetwork network, Map<String, NetLink> links, boolean hasAddress) {
    NetLink main = links.get(network.main());
    if (main == null) {
      return;
    }
    if (hasAddress && main.dhcp().v4()) {
      String expected = "no DHCPv4 there, as the node has an address";
      sink.fault(main, "dhcp", "ipv4", expected);
    }
  }
}
