// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.ApplianceSettings;
import foundrybot.answerfiles.Cidr;
import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.DhcpOptionValue;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackNetwork;
import foundrybot.answerfiles.Route;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.Subnet;
import foundrybot.bootserver.dhcp.DhcpNetwork;
import foundrybot.bootserver.dhcp.DhcpNetwork.Pool;
import foundrybot.bootserver.dhcp.DhcpNetwork.Presence;
import foundrybot.bootserver.dhcp.DhcpOption;
import foundrybot.bootserver.dhcp.DhcpSettings;
import foundrybot.bootserver.dhcp.Octets;
import foundrybot.bootserver.dhcp.OptionValues;
import foundrybot.bootserver.dhcp.Reservations;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Hands the rack file's and the store's values to the DHCP server in its own words. */
final class DhcpWiring {
  private static final Duration LEASE_TIME = Duration.ofHours(1);

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+");

  private DhcpWiring() {}

  /** Whether two settings open the same ports in the same way. */
  static boolean sameService(ApplianceSettings one, ApplianceSettings other) {
    return one.networks().equals(other.networks())
        && one.prefixLength() == other.prefixLength()
        && one.dhcp() == other.dhcp()
        && one.search().equals(other.search())
        && one.ports().equals(other.ports())
        && one.dnsServer() == other.dnsServer()
        && one.timeServer() == other.timeServer()
        && one.syslog() == other.syslog()
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
        rack.nameServersIn(network),
        onRequest(rack, network));
  }

  private static List<DhcpOption> onRequest(RackFile rack, RackNetwork network) {
    List<DhcpOption> options = new ArrayList<>();
    // A host name cannot be sent in option 42; the appliance itself is there by its address.
    List<Inet4Address> clocks =
        rack.timeServersIn(network).stream()
            .filter(name -> ADDRESS.matcher(name).matches())
            .map(Inet4Address::ofLiteral)
            .toList();
    if (!clocks.isEmpty()) {
      options.add(DhcpOption.addresses(DhcpOption.NTP_SERVERS, clocks));
    }
    List<String> search = rack.appliance().search();
    options.add(OptionValues.domainSearch(search.isEmpty() ? List.of(rack.domain()) : search));
    if (!network.routes().isEmpty()) {
      List<OptionValues.Route> routes = new ArrayList<>();
      for (Route route : network.routes()) {
        routes.add(new OptionValues.Route(subnet(route.destination()), route.router()));
      }
      // Who takes routes ignores the router of option 3 (RFC 3442).
      network
          .router()
          .ifPresent(
              router -> routes.add(new OptionValues.Route(subnet(new Cidr(router, 0)), router)));
      options.add(OptionValues.routes(DhcpOption.CLASSLESS_ROUTES, routes));
      options.add(OptionValues.routes(DhcpOption.MICROSOFT_ROUTES, routes));
    }
    return options;
  }

  private static Subnet subnet(Cidr cidr) {
    return new Subnet(cidr.address(), cidr.prefixLength());
  }

  private static DhcpSettings.Mode server(RackFile rack) {
    return new DhcpSettings.Mode.Server(
        Optional.of(rack.domain()),
        LEASE_TIME,
        // An appliance on somebody's LAN gives addresses only to the machines it was told of.
        false);
  }

  private static DhcpOption option(DhcpOptionValue own) {
    return new DhcpOption(own.code(), Octets.of(HexFormat.of().parseHex(own.hex())));
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
      public Optional<String> hostName(MacAddress mac) {
        return fleet.node(Answers.mac(mac)).map(Node::name);
      }

      @Override
      public List<DhcpOption> options(MacAddress mac) {
        List<DhcpOptionValue> own =
            fleet.node(Answers.mac(mac)).map(Node::dhcpOptions).orElse(List.of());
        return own.isEmpty() ? List.of() : own.stream().map(DhcpWiring::option).toList();
      }

      @Override
      public boolean isKnown(MacAddress mac) {
        return fleet.node(Answers.mac(mac)).isPresent() || fleet.isGuest(Answers.mac(mac));
      }
    };
  }
}
