// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where and how DHCP is served; one value per interface.
 *
 * @param interfaceName the interface whose broadcasts are answered; empty: the one of {@code
 *     advertised}
 * @param advertised our address: source of every answer, option 54, {@code siaddr}
 * @param prefixLength of the advertised address's subnet, 1..30
 * @param mode beside the site's DHCP server, or instead of it
 * @param ports all of them, so that it also runs without rights
 */
public record DhcpSettings(
    Optional<String> interfaceName,
    Inet4Address advertised,
    int prefixLength,
    Mode mode,
    Ports ports) {

  private static final int LONGEST_INTERFACE_NAME = 15;

  public DhcpSettings {
    interfaceName.ifPresent(
        name ->
            require(
                !name.isEmpty() && name.length() <= LONGEST_INTERFACE_NAME,
                "interface: " + name + " (expected: 1..15 characters)"));
    require(!advertised.isAnyLocalAddress(), "advertised address: 0.0.0.0 (expected: our own)");
    require(
        prefixLength >= 1 && prefixLength <= 30,
        "prefix length: " + prefixLength + " (expected: 1..30)");
    if (mode instanceof Mode.Server server) {
      for (Inet4Address end : List.of(server.poolFirst(), server.poolLast())) {
        require(
            Ipv4.sameSubnet(end, advertised, prefixLength),
            "pool: "
                + end.getHostAddress()
                + " (expected: inside "
                + advertised.getHostAddress()
                + "/"
                + prefixLength
                + ")");
      }
    }
  }

  /** Whether we hand out addresses. */
  public sealed interface Mode {
    /** ProxyDHCP: another server gives the addresses, we only add what to boot. */
    record Proxy() implements Mode {}

    /**
     * A DHCP server with reservations and a pool.
     *
     * @param poolFirst first address of the pool
     * @param poolLast last address of the pool, at most 65536 addresses
     * @param routers option 3, may be empty
     * @param dnsServers option 6, may be empty
     * @param domain option 15
     * @param leaseTime one minute or more
     * @param serveUnknown whether machines outside the reservations get leases from the pool
     */
    record Server(
        Inet4Address poolFirst,
        Inet4Address poolLast,
        List<Inet4Address> routers,
        List<Inet4Address> dnsServers,
        Optional<String> domain,
        Duration leaseTime,
        boolean serveUnknown)
        implements Mode {
      static final int MAX_POOL = 65_536;
      private static final int MAX_SERVERS = 8;
      private static final int MAX_DOMAIN = 253;

      public Server {
        routers = List.copyOf(routers);
        dnsServers = List.copyOf(dnsServers);
        long size = Ipv4.bits(poolLast) - Ipv4.bits(poolFirst) + 1;
        require(
            size >= 1 && size <= MAX_POOL,
            "pool: "
                + poolFirst.getHostAddress()
                + ".."
                + poolLast.getHostAddress()
                + " (expected: 1.."
                + MAX_POOL
                + " addresses)");
        require(routers.size() <= MAX_SERVERS, "routers: " + routers.size() + " (expected: 0..8)");
        require(
            dnsServers.size() <= MAX_SERVERS,
            "dns servers: " + dnsServers.size() + " (expected: 0..8)");
        domain.ifPresent(
            name ->
                require(
                    !name.isEmpty() && name.length() <= MAX_DOMAIN,
                    "domain: " + name + " (expected: 1..253 characters)"));
        require(
            leaseTime.toSeconds() >= 60 && leaseTime.toSeconds() <= Integer.MAX_VALUE,
            "lease time: " + leaseTime + " (expected: PT1M or more)");
      }
    }
  }

  /**
   * UDP ports.
   *
   * @param server where clients and relays reach us, normally 67
   * @param client where clients wait for answers, normally 68
   * @param proxy the PXE boot server port, normally 4011
   * @param relay where relays wait for answers, normally 67
   */
  public record Ports(int server, int client, int proxy, int relay) {
    public static final Ports STANDARD = new Ports(67, 68, 4011, 67);

    public Ports {
      for (int port : new int[] {server, client, proxy, relay}) {
        require(port >= 1 && port <= 0xffff, "port: " + port + " (expected: 1..65535)");
      }
      require(server != proxy, "ports: server and proxy are both " + server);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
