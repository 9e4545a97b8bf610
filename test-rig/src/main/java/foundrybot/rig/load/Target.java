// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The server under load, and where the load comes from.
 *
 * @param address the server's, a literal
 * @param ports the server's
 * @param relay our address as a DHCP relay: {@code giaddr}, where answers come back
 * @param relayPort our port as a relay, normally 67
 * @param clients our addresses for TFTP and HTTP, taken in turn
 */
public record Target(
    String address, Ports ports, String relay, int relayPort, List<String> clients) {

  /** The server's ports. */
  public record Ports(int dhcp, int proxyDhcp, int tftp, int http, int https) {
    public static final Ports STANDARD = new Ports(67, 4011, 69, 80, 443);
  }

  public Target {
    clients = List.copyOf(clients);
    if (clients.isEmpty()) {
      throw new IllegalArgumentException("clients: none (expected: at least one address)");
    }
  }

  InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  InetSocketAddress ofRelay(int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(relay), port);
  }

  /** The client's address for the n-th client, with a port of the kernel's choice. */
  InetSocketAddress client(int n) {
    return new InetSocketAddress(InetAddress.ofLiteral(clients.get(n % clients.size())), 0);
  }
}
