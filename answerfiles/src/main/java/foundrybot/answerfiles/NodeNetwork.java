// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All interfaces of an installed system; what the installer itself uses is the boot card alone.
 *
 * @param links the boot card is among them, and every name that one of them uses
 */
public record NodeNetwork(List<NetLink> links) {
  public NodeNetwork {
    links = List.copyOf(links);
  }

  /** The boot card and nothing else. */
  public static NodeNetwork usual(Mac boot) {
    return new NodeNetwork(
        List.of(
            new NetLink(
                NetLink.BOOT,
                new NetLink.Kind.Card(boot),
                NetLink.Dhcp.OFF,
                List.of(),
                List.of(),
                Optional.empty())));
  }

  /** The bond or bridge that has this one as a member. */
  Optional<NetLink> masterOf(String name) {
    return links.stream().filter(link -> link.kind().members().contains(name)).findFirst();
  }

  /** Where the node's own address is: the boot card, or what it is a member of in the end. */
  String main() {
    String name = NetLink.BOOT;
    for (int i = 0; i < links.size(); i++) {
      Optional<NetLink> master = masterOf(name);
      if (master.isEmpty()) {
        return name;
      }
      name = master.get().name();
    }
    return name;
  }

  /** The VLANs that this one carries. */
  List<String> vlansOn(String name) {
    return links.stream()
        .filter(link -> link.kind() instanceof NetLink.Kind.Vlan vlan && vlan.on().equals(name))
        .map(NetLink::name)
        .toList();
  }

  /** Whether the boot card is in it, so that it must keep that card's MAC and with it its lease. */
  boolean carriesBoot(String name) {
    List<String> chain = new ArrayList<>();
    Optional<NetLink> master = masterOf(NetLink.BOOT);
    while (master.isPresent() && !chain.contains(master.get().name())) {
      chain.add(master.get().name());
      master = masterOf(master.get().name());
    }
    return chain.contains(name);
  }
}
