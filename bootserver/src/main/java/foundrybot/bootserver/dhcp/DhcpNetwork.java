// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.util.List;
import java.util.Optional;

/**
 * One subnet whose machines are served.
 *
 * @param subnet any address of it
 * @param prefixLength its length, 1..30
 * @param presence where we are on it ourselves; empty: it is reached through a relay
 * @param pool what may be leased there; empty: only reserved addresses
 * @param routers option 3, at most 8
 * @param dnsServers option 6, at most 8
 * @param onRequest options that clients get who ask for them, or who say nothing of what they want
 */
public record DhcpNetwork(
    Inet4Address subnet,
    int prefixLength,
    Optional<Presence> presence,
    Optional<Pool> pool,
    List<Inet4Address> routers,
    List<Inet4Address> dnsServers,
    List<DhcpOption> onRequest) {
  private static final int MAX_SERVERS = 8;
  private static final int LONGEST_INTERFACE_NAME = 15;

  public DhcpNetwork {
    routers = List.copyOf(routers);
    dnsServers = List.copyOf(dnsServers);
    onRequest = List.copyOf(onRequest);
    DhcpSettings.require(
        prefixLength >= 1 && prefixLength <= 30,
        "prefix length: " + prefixLength + " (expected: 1..30)");
    DhcpSettings.require(
        routers.size() <= MAX_SERVERS, "routers: " + routers.size() + " (expected: 0..8)");
    DhcpSettings.require(
        dnsServers.size() <= MAX_SERVERS,
        "dns servers: " + dnsServers.size() + " (expected: 0..8)");
    String inside = " (expected: inside " + subnet.getHostAddress() + "/" + prefixLength + ")";
    for (Inet4Address end : pool.map(p -> List.of(p.first(), p.last())).orElse(List.of())) {
      DhcpSettings.require(
          Ipv4.sameSubnet(end, subnet, prefixLength), "pool: " + end.getHostAddress() + inside);
    }
  }

  /** Without options for those who ask. */
  public DhcpNetwork(
      Inet4Address subnet,
      int prefixLength,
      Optional<Presence> presence,
      Optional<Pool> pool,
      List<Inet4Address> routers,
      List<Inet4Address> dnsServers) {
    this(subnet, prefixLength, presence, pool, routers, dnsServers, List.of());
  }

  /** One that we are on, without a pool. */
  public static DhcpNetwork on(
      Optional<String> interfaceName, Inet4Address address, int prefixLength) {
    return new DhcpNetwork(
        address,
        prefixLength,
        Optional.of(new Presence(address, interfaceName)),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of());
  }

  /** The same with a pool. */
  public DhcpNetwork leasing(
      Inet4Address first,
      Inet4Address last,
      List<Inet4Address> itsRouters,
      List<Inet4Address> itsDnsServers) {
    return new DhcpNetwork(
        subnet,
        prefixLength,
        presence,
        Optional.of(new Pool(first, last)),
        itsRouters,
        itsDnsServers,
        onRequest);
  }

  /** The same with options for those who ask. */
  public DhcpNetwork offering(List<DhcpOption> options) {
    return new DhcpNetwork(subnet, prefixLength, presence, pool, routers, dnsServers, options);
  }

  boolean contains(Inet4Address address) {
    return Ipv4.sameSubnet(address, subnet, prefixLength);
  }

  /** For people, such as {@code 10.77.0.0/24}. */
  @Override
  public String toString() {
    return Ipv4.of(Ipv4.bits(subnet) & Ipv4.mask(prefixLength)).getHostAddress()
        + "/"
        + prefixLength;
  }

  /**
   * Where we are on a network.
   *
   * @param address our address there: source of every answer, option 54, {@code siaddr}
   * @param interfaceName the interface whose broadcasts are answered; empty: the one of {@code
   *     address}
   */
  public record Presence(Inet4Address address, Optional<String> interfaceName) {
    public Presence {
      DhcpSettings.require(
          !address.isAnyLocalAddress(), "advertised address: 0.0.0.0 (expected: our own)");
      interfaceName.ifPresent(
          name ->
              DhcpSettings.require(
                  !name.isEmpty() && name.length() <= LONGEST_INTERFACE_NAME,
                  "interface: " + name + " (expected: 1..15 characters)"));
    }
  }

  /** Addresses from the first to the last, at most 65536. */
  public record Pool(Inet4Address first, Inet4Address last) {
    static final int MAX = 65_536;

    public Pool {
      long size = Ipv4.bits(last) - Ipv4.bits(first) + 1;
      DhcpSettings.require(
          size >= 1 && size <= MAX,
          "pool: "
              + first.getHostAddress()
              + ".."
              + last.getHostAddress()
              + " (expected: 1.."
              + MAX
              + " addresses)");
    }

    int size() {
      return (int) (Ipv4.bits(last) - Ipv4.bits(first)) + 1;
    }
  }
}
