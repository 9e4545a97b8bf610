// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import java.net.Inet4Address;
import java.util.Optional;

/** What a relay says in option 82 (RFC 3046); a sub-option that makes no sense is not there. */
final class RelayAgent {
  /** The subnet that the client is on, where it is not that of {@code giaddr} (RFC 3527). */
  private static final int LINK_SELECTION = 5;

  /** The address that the client shall take for the server's: the relay's own (RFC 5107). */
  private static final int SERVER_ID_OVERRIDE = 11;

  /** Asks for the answer at the port that the relay sent from (RFC 8357); it has no value. */
  private static final int SOURCE_PORT = 19;

  /**
   * Link selection and override by the numbers that Cisco's relays use unless they are told to go
   * by the RFCs.
   */
  private static final int CISCO_LINK_SELECTION = 150;

  /** Of no length it is something else: the control of RFC 6607, which is only copied. */
  private static final int CISCO_SERVER_ID_OVERRIDE = 152;

  private RelayAgent() {}

  static Optional<Inet4Address> linkSelection(DhcpMessage request) {
    return address(request, LINK_SELECTION).or(() -> address(request, CISCO_LINK_SELECTION));
  }

  static Optional<Inet4Address> serverIdOverride(DhcpMessage request) {
    return address(request, SERVER_ID_OVERRIDE)
        .or(() -> address(request, CISCO_SERVER_ID_OVERRIDE));
  }

  /** Whether the relay listens at the port that it sent from, and not at that of servers. */
  static boolean wantsSourcePort(DhcpMessage request) {
    return request
        .option(DhcpOption.RELAY_AGENT)
        .flatMap(agent -> subOption(agent, SOURCE_PORT))
        .isPresent();
  }

  private static Optional<Inet4Address> address(DhcpMessage request, int wanted) {
    if (request.giaddr().isAnyLocalAddress()) {
      return Optional.empty();
    }
    return request
        .option(DhcpOption.RELAY_AGENT)
        .flatMap(agent -> subOption(agent, wanted))
        .filter(value -> value.length() == 4)
        .map(value -> Ipv4.of(value.u32(0)))
        .filter(Replies::isHost);
  }

  private static Optional<Octets> subOption(Octets agent, int wanted) {
    int at = 0;
    while (at + 2 <= agent.length()) {
      int end = at + 2 + agent.at(at + 1);
      if (end > agent.length()) {
        return Optional.empty();
      }
      if (agent.at(at) == wanted) {
        return Optional.of(agent.slice(at + 2, end));
      }
      at = end;
    }
    return Optional.empty();
  }
}
