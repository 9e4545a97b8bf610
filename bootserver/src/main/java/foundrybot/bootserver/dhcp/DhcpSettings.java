// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where and how DHCP is served.
 *
 * @param networks the first is one that we are on; no two share an address
 * @param mode beside the site's DHCP server, or instead of it
 * @param ports all of them, so that it also runs without rights
 */
public record DhcpSettings(List<DhcpNetwork> networks, Mode mode, Ports ports) {
  public DhcpSettings {
    networks = List.copyOf(networks);
    require(!networks.isEmpty(), "networks: none (expected: 1 or more)");
    require(
        networks.getFirst().presence().isPresent(),
        networks.getFirst() + ": no address of our own (expected: one in the first network)");
    Set<Inet4Address> ours = new HashSet<>();
    for (DhcpNetwork network : networks) {
      network
          .presence()
          .ifPresent(
              presence ->
                  require(
                      ours.add(presence.address()),
                      "address: " + presence.address().getHostAddress() + " (expected: once)"));
    }
  }

  /** One network only, which we are on. */
  public static DhcpSettings on(DhcpNetwork network, Mode mode, Ports ports) {
    return new DhcpSettings(List.of(network), mode, ports);
  }

  /** Our address on the first network. */
  Inet4Address advertised() {
    return networks.getFirst().presence().orElseThrow().address();
  }

  /** Whether we hand out addresses. */
  public sealed interface Mode {
    /** ProxyDHCP: another server gives the addresses, we only add what to boot. */
    record Proxy() implements Mode {}

    /**
     * A DHCP server with reservations, and pools of its networks.
     *
     * @param domain option 15
     * @param leaseTime one minute or more
     * @param serveUnknown whether machines outside the reservations get leases from a pool
     */
    record Server(Optional<String> domain, Duration leaseTime, boolean serveUnknown)
        implements Mode {
      private static final int MAX_DOMAIN = 253;

      public Server {
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

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
