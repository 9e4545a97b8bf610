// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the rack file says about the appliance itself: where it listens and what it offers.
 *
 * @param interfaceName the network interface to serve; absent means the one that has the address
 * @param prefixLength of the subnet of {@code address}
 * @param siteServers the DHCP servers that are meant to be there beside the appliance, by what they
 *     say in option 54 (RFC 2132 section 9.7); empty: nobody has said which
 * @param accept when machines without a BMC are given their secrets
 * @param pool what a DHCP server may lease to machines without an address in the rack file
 * @param router what a DHCP server hands out as the default gateway
 * @param dns name servers for leases, for installers and for installed nodes; the appliance's own
 *     server asks them for names that are not the cluster's
 * @param dnsServer whether the appliance answers DNS itself
 * @param timeServer whether it tells the time, and what it says of its clock
 * @param syslog whether it receives the logs of installers
 * @param others the networks beside that of {@code address}
 * @param tftp how boot programs travel
 * @param tls the user's own certificate for HTTPS; absent for one that the appliance makes
 * @param routes in leases of the appliance's own network
 * @param search domains to search names in, in leases; empty means the cluster's
 */
public record ApplianceSettings(
    Optional<String> interfaceName,
    Inet4Address address,
    int prefixLength,
    DhcpMode dhcp,
    List<Inet4Address> siteServers,
    UnknownMachines unknown,
    Acceptance accept,
    Ports ports,
    Optional<AddressRange> pool,
    Optional<Inet4Address> router,
    List<Inet4Address> dns,
    boolean dnsServer,
    TimeServer timeServer,
    boolean syslog,
    List<RackNetwork> others,
    TftpOptions tftp,
    Optional<TlsFiles> tls,
    List<Route> routes,
    List<String> search) {
  public ApplianceSettings {
    siteServers = List.copyOf(siteServers);
    dns = List.copyOf(dns);
    others = List.copyOf(others);
    routes = List.copyOf(routes);
    search = List.copyOf(search);
  }

  /** The appliance's own address with its subnet. */
  public Cidr subnet() {
    return new Cidr(address, prefixLength);
  }

  /** The site's DHCP servers as dotted quads. */
  public List<String> siteServerNames() {
    return siteServers.stream().map(Inet4Address::getHostAddress).toList();
  }

  /** The appliance's own network, then the others: a node's address is in one of them. */
  public List<RackNetwork> networks() {
    Cidr own = subnet();
    List<RackNetwork> all = new ArrayList<>();
    all.add(
        new RackNetwork(
            new Cidr(own.network(), prefixLength),
            Optional.of(address),
            interfaceName,
            pool,
            router,
            dns,
            routes));
    all.addAll(others);
    return all;
  }

  /** The one of these networks that has the address; empty behind a router. */
  public Optional<RackNetwork> networkOf(Inet4Address member) {
    return networks().stream().filter(network -> network.subnet().contains(member)).findFirst();
  }

  /** The same appliance from the view of one of its networks, which then comes first. */
  public ApplianceSettings seenFrom(RackNetwork network) {
    List<RackNetwork> rest = new ArrayList<>(networks());
    rest.remove(network);
    return new ApplianceSettings(
        network.interfaceName(),
        network.address().orElse(address),
        network.subnet().prefixLength(),
        dhcp,
        siteServers,
        unknown,
        accept,
        ports,
        network.pool(),
        network.router(),
        network.dns(),
        dnsServer,
        timeServer,
        syslog,
        rest,
        tftp,
        tls,
        network.routes(),
        search);
  }
}
