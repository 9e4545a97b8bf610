// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.NetLink.Kind;
import foundrybot.answerfiles.Tree.Branch;
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
    void fault(Position at, String path, String value, String expected);
  }

  /** Of Ethernet, where nothing is said. */
  private static final int USUAL_MTU = 1500;

  private final Sink sink;
  private final Branch table;
  private final String path;

  LinkChecks(Sink sink, Branch table, String path) {
    this.sink = sink;
    this.table = table;
    this.path = path;
  }

  void check(NodeNetwork network, boolean hasAddress) {
    Map<String, NetLink> links = new HashMap<>();
    network.links().forEach(link -> links.put(link.name(), link));
    Map<String, String> masters = new HashMap<>();
    Map<IpPrefix, String> addresses = new HashMap<>();
    for (NetLink link : network.links()) {
      for (String member : link.kind().members()) {
        member(link, member, Optional.ofNullable(links.get(member)), masters);
      }
      if (link.kind() instanceof Kind.Vlan vlan) {
        carrier(link, vlan, Optional.ofNullable(links.get(vlan.on())), network);
      }
      for (IpPrefix address : link.addresses()) {
        String earlier = addresses.putIfAbsent(address, link.name());
        if (earlier != null) {
          fault(link, "addresses", address.toString(), "each address once; " + earlier + " has it");
        }
      }
      if (isBelowItself(link.name(), link, links, new HashSet<>())) {
        fault(link, "members", link.name(), "what does not lie on " + link.name() + " itself");
      }
    }
    main(network, links, hasAddress);
  }

  private void member(
      NetLink master, String name, Optional<NetLink> member, Map<String, String> masters) {
    String earlier = masters.putIfAbsent(name, master.name());
    if (earlier != null) {
      fault(master, "members", name, "each interface once; it is a member of " + earlier);
    }
    if (member.isEmpty()) {
      return;
    }
    Kind kind = member.get().kind();
    if (master.kind() instanceof Kind.Bond && !(kind instanceof Kind.Card)) {
      fault(master, "members", name, "cards only, as a bond is made of them");
    } else if (kind instanceof Kind.Bridge) {
      fault(master, "members", name, "a card, a bond or a VLAN");
    }
    if (member.get().hasSettings()) {
      String expected = "no dhcp, addresses or routes on a member: they belong to " + master.name();
      fault(member.get(), "", name, expected);
    }
  }

  private void carrier(NetLink link, Kind.Vlan vlan, Optional<NetLink> on, NodeNetwork network) {
    if (on.isPresent() && on.get().kind() instanceof Kind.Vlan) {
      fault(link, "on", vlan.on(), "a card, a bond or a bridge");
    }
    int room = on.flatMap(NetLink::mtu).orElse(USUAL_MTU);
    if (link.mtu().filter(mtu -> mtu > room).isPresent()) {
      String value = link.mtu().get().toString();
      fault(link, "mtu", value, "at most the mtu of " + vlan.on() + ", " + room);
    }
    network
        .masterOf(vlan.on())
        .filter(master -> master.kind() instanceof Kind.Bond)
        .ifPresent(bond -> fault(link, "on", vlan.on(), bond.name() + ", of which it is a member"));
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
      fault(main, "dhcp", "ipv4", expected);
    }
  }

  private void fault(NetLink link, String key, String value, String expected) {
    Optional<Branch> branch = table.branch(link.name());
    Position at =
        branch.map(own -> key.isEmpty() ? own.at() : own.at(key)).orElseGet(() -> table.at());
    sink.fault(at, path + "." + link.name() + (key.isEmpty() ? "" : "." + key), value, expected);
  }
}
