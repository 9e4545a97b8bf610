// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** How an answer is addressed and framed, whatever it says (RFC 2131 section 4.1, table 3). */
final class Replies {
  private static final String NO_NAME = "";

  private final DhcpSettings.Ports ports;

  Replies(DhcpSettings.Ports ports) {
    this.ports = ports;
  }

  /** Whether a relay can be at this address: answers there must never be a broadcast. */
  static boolean isHost(Inet4Address address) {
    return !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && Ipv4.bits(address) >>> 28 != 0xf;
  }

  /**
   * Where the answer goes: to the relay's server port, or the one that it sent from if it says that
   * it listens there (RFC 8357); to the client's own address; or to everybody on the wire. RFC 2131
   * lets a server send to {@code yiaddr} where the broadcast flag is not set; that takes a raw
   * frame, since the client answers no ARP yet, and every client takes broadcasts.
   */
  InetSocketAddress destination(Inquiry inquiry, MessageType type) {
    DhcpMessage request = inquiry.message();
    if (inquiry.isRelayed()) {
      int port = RelayAgent.wantsSourcePort(request) ? inquiry.from().getPort() : ports.relay();
      return new InetSocketAddress(request.giaddr(), port);
    }
    return type != MessageType.NAK && isHost(request.ciaddr())
        ? new InetSocketAddress(request.ciaddr(), ports.client())
        : new InetSocketAddress(Ipv4.BROADCAST, ports.client());
  }

  /**
   * Frames an answer. The order of the options is: type, server, what {@code options} says, and
   * what is copied from the request (97 by PXE 2.1, 61 by RFC 6842), the relay's own last (RFC 3046
   * section 2.2).
   */
  DhcpMessage message(
      DhcpMessage request,
      MessageType type,
      Inet4Address serverId,
      Inet4Address yiaddr,
      BootFields boot,
      List<DhcpOption> options) {
    List<DhcpOption> all = new ArrayList<>();
    all.add(type.option());
    all.add(DhcpOption.address(DhcpOption.SERVER_ID, serverId));
    all.addAll(options);
    all.addAll(boot.options());
    for (int code :
        new int[] {DhcpOption.CLIENT_UUID, DhcpOption.CLIENT_ID, DhcpOption.RELAY_AGENT}) {
      request
          .option(code)
          .filter(value -> value.length() > 0)
          .ifPresent(value -> all.add(new DhcpOption(code, value)));
    }
    // A relay sends to yiaddr what it need not broadcast (RFC 1542 section 4.1.2): here is none.
    boolean toBroadcast = yiaddr.isAnyLocalAddress() && !request.giaddr().isAnyLocalAddress();
    return new DhcpMessage(
        DhcpMessage.REPLY,
        request.htype(),
        0,
        request.xid(),
        0,
        toBroadcast ? request.flags() | DhcpMessage.BROADCAST : request.flags(),
        type == MessageType.ACK ? request.ciaddr() : Ipv4.ANY,
        yiaddr,
        boot.siaddr(),
        request.giaddr(),
        request.chaddr(),
        NO_NAME,
        boot.file(),
        all);
  }
}
