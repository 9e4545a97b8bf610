// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.MacAddress;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The MAC address that stands for a port of an InfiniBand card: the port's GUID without its two
 * bytes in the middle, as the vendor prints it on the card and iPXE calls its interface. {@code
 * chaddr} has no room for the 20 bytes of the port's own address, so the GUID is found elsewhere
 * (RFC 4390 section 2.1).
 */
final class InfiniBand {
  /** The hardware type in {@code htype}. */
  static final int TYPE = 32;

  private static final int GUID_LENGTH = 8;

  /** With the prefix of the subnet (a GID) and what the card adds to it. */
  private static final int ADDRESS_LENGTH = 20;

  /** Where the two bytes of a GUID begin that the MAC has not. */
  private static final int MIDDLE = 3;

  /**
   * What stands before the GUID in option 61 of NVIDIA's firmware: an identifier by RFC 4361, whose
   * DUID is one of enterprise 713. Those of other makers are made of other things than the GUID.
   */
  private static final Octets PREFIX =
      Octets.of(HexFormat.of().parseHex("ff00000000" + "0002" + "000002c9" + "00"));

  private InfiniBand() {}

  /** Of a message with that hardware type; empty where none of the known places has the GUID. */
  static Optional<MacAddress> mac(DhcpMessage message) {
    Octets chaddr = message.chaddr();
    if (chaddr.length() == MacAddress.LENGTH) {
      // Firmware that has shortened its GUID by itself.
      return BootClients.ofOneMachine(chaddr);
    }
    Optional<Octets> guid =
        chaddr.length() == GUID_LENGTH
            ? Optional.of(chaddr)
            : message.option(DhcpOption.CLIENT_ID).flatMap(InfiniBand::guid);
    return guid.flatMap(InfiniBand::shortened);
  }

  private static Optional<Octets> guid(Octets clientId) {
    int before = clientId.length() - GUID_LENGTH;
    if (before < 1) {
      return Optional.empty();
    }
    boolean nvidias = before == PREFIX.length() && clientId.slice(0, before).equals(PREFIX);
    boolean ofType =
        clientId.at(0) == TYPE && (before == 1 || clientId.length() == 1 + ADDRESS_LENGTH);
    return nvidias || ofType
        ? Optional.of(clientId.slice(before, clientId.length()))
        : Optional.empty();
  }

  private static Optional<MacAddress> shortened(Octets guid) {
    return BootClients.ofOneMachine(
        guid.slice(0, MIDDLE).plus(guid.slice(MIDDLE + 2, GUID_LENGTH)));
  }
}
