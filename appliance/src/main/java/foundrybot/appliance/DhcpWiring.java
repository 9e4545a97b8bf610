// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.DhcpNetwork;
import foundrybot.bootserver.dhcp.DhcpNetwork.Pool;
import foundrybot.bootserver.dhcp.DhcpNetwork.Presence;
import foundrybot.bootserver.dhcp.DhcpSettings;
import foundrybot.bootserver.dhcp.Reservations;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Hands the rack file's and the store's values to the DHCP server in its own words. */
final class DhcpWiring {
  private static final Duration LEASE_TIME = Duration.ofHours(1);

  private DhcpWiring() {}

  /** Whether two settings open the same ports in the same way. */
  static boolean sameService(ApplianceSettings one, ApplianceSettings other) {
    return one.networks().equals(other.networks())
        && one.prefixLength() == other.prefixLength()
        && one.dhcp() == other.dhcp()
        && one.ports().equals(other.ports())
        && one.dnsServer() == other.dnsServer()
        && one.timeServer() == other.timeServer()
        && one.tftp().equals(other.tftp())
        && one.tls().equals(other.tls());
  }

  /**
   * What the rack file says about DHCP.
   *
   * @throws StartException if it hands out addresses and has none to hand out
   */
  static DhcpSettings settings(RackFile rack) {
    ApplianceSettings appliance = rack.appliance();
    boolean serves = appliance.dhcp() == DhcpMode.SERVER;
    if (serves
        && appliance.networks().stream().allMatch(network -> network.pool().isEmpty())
        && rack.nodes().stream().allMatch(node -> node.address().isEmpty())) {
      throw new StartException("appliance.pool: missing (expected: FIRST-LAST, with dhcp: server)");
    }
    Ports ports = appliance.ports();
    return new DhcpSettings(
        appliance.networks().stream().map(network -> network(rack, network)).toList(),
        serves ? server(rack) : new DhcpSettings.Mode.Proxy(),
        new DhcpSettings.Ports(ports.dhcp(), ports.dhcpClient(), ports.proxyDhcp(), ports.relay()));
  }

  private static DhcpNetwork network(RackFile rack, RackNetwork network) {
    return new DhcpNetwork(
        network.subnet().address(),
        network.subnet().prefixLength(),
        network.address().map(own -> new Presence(own, network.interfaceName())),
        network.pool().map(pool -> new Pool(pool.first(), pool.last())),
        network.router().map(List::of).orElse(List.of()),
        rack.nameServersIn(network));
  }

  private static DhcpSettings.Mode server(RackFile rack) {
    return new DhcpSettings.Mode.Server(
        Optional.of(rack.domain()),
        LEASE_TIME,
        // An appliance on somebody's LAN gives addresses only to the machines it was told of.
        false);
  }

  static Reservations reservations(Fleet fleet) {
    return new Reservations() {
      @Override
      public Optional<Inet4Address> reservation(MacAddress mac) {
        return fleet.node(Answers.mac(mac)).flatMap(Node::address).map(Cidr::address);
      }

      @Override
      public Optional<MacAddress> owner(Inet4Address address) {
        return fleet.ownerOf(address).map(node -> Answers.mac(node.mac()));
      }

      @Override
      public boolean isKnown(MacAddress mac) {
        return fleet.node(Answers.mac(mac)).isPresent() || fleet.isGuest(Answers.mac(mac));
      }
    };
  }
}
