// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.BootClients.Classified;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One message of a client, with what it turned out to be: worked out once, asked often.
 *
 * @param message as it was read
 * @param type of option 53
 * @param from the address and port it came from, a relay's where it was relayed
 * @param heard where it came in
 * @param mac whose, if it is an Ethernet machine's
 * @param classified who wants to boot, if anybody
 */
record Inquiry(
    DhcpMessage message,
    MessageType type,
    InetSocketAddress from,
    Heard heard,
    Optional<MacAddress> mac,
    Classified classified) {

  /**
   * Where a message came in.
   *
   * @param network one that we are on
   * @param broadcast whether it was heard there, and not sent to our address
   */
  record Heard(DhcpNetwork network, boolean broadcast) {}

  static Inquiry of(DhcpMessage message, MessageType type, InetSocketAddress from, Heard heard) {
    Optional<MacAddress> mac = BootClients.mac(message);
    return new Inquiry(message, type, from, heard, mac, BootClients.of(message, mac));
  }

  boolean isRelayed() {
    return !message.giaddr().isAnyLocalAddress();
  }
}
