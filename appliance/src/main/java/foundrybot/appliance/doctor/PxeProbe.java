// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.doctor;

import foundrybot.appliance.doctor.DhcpProbe.Kind;
import foundrybot.appliance.doctor.Evidence.Offer;
import foundrybot.appliance.doctor.Evidence.Outcome;
import foundrybot.appliance.doctor.Evidence.Wire;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.dhcp.Decoded;
import foundrybot.bootserver.dhcp.DhcpCodec;
import foundrybot.bootserver.dhcp.DhcpMessage;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Asks PXE boot servers on their port (PXE 2.1 section 2.2), as firmware does that got no boot file
 * yet: a REQUEST by unicast, which names no address and no lease.
 */
final class PxeProbe {
  /** It is fixed in firmware. */
  static final int PORT = 4011;

  /** Whoever is on the wire says which servers there are. */
  static final int MOST_SERVERS = 4;

  private final MacAddress mac;
  private final RandomGenerator random;

  /**
   * A probe.
   *
   * @param mac in whose name
   */
  PxeProbe(MacAddress mac, RandomGenerator random) {
    this.mac = mac;
    this.random = random;
  }

  /** As which kind of client the appliance is to be asked: one that it gave a boot file. */
  static Optional<Kind> ownKind(Wire wire, Inet4Address own) {
    return kind(wire, offer -> offer.server().equals(own) && !offer.file().isEmpty());
  }

  /**
   * Asks the other servers that call themselves PXE servers, whether or not they give addresses,
   * each as a kind of client that it said so to.
   */
  Map<Inet4Address, Outcome> others(Wire wire, Inet4Address own) {
    Map<Inet4Address, Outcome> said = new LinkedHashMap<>();
    wire.offers().stream()
        .map(Offer::server)
        .filter(server -> !server.equals(own) && isHost(server))
        .distinct()
        .filter(server -> kind(wire, saysPxe(server)).isPresent())
        .limit(MOST_SERVERS)
        .forEach(server -> said.put(server, ask(server, PORT, kind(wire, saysPxe(server)).get())));
    return said;
  }

  private static Predicate<Offer> saysPxe(Inet4Address server) {
    return offer -> offer.server().equals(server) && offer.saysPxe();
  }

  private static Optional<Kind> kind(Wire wire, Predicate<Offer> which) {
    List<String> names = wire.offers().stream().filter(which).map(Offer::asked).toList();
    return DhcpProbe.PXE_KINDS.stream().filter(kind -> names.contains(kind.name())).findFirst();
  }

  /** Option 54 may hold anything; a question goes to one machine, and not to this one. */
  private static boolean isHost(Inet4Address address) {
    int first = address.getAddress()[0] & 0xff;
    return first > 0 && first < 224 && !address.isLoopbackAddress();
  }

  /** What the server would have this client boot. */
  Outcome ask(Inet4Address server, int port, Kind kind) {
    InetSocketAddress peer = new InetSocketAddress(server, port);
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(ServiceProbe.PATIENCE_MS);
      // Connected, it is told of a closed port, and hears nobody else.
      socket.connect(peer);
      int xid = random.nextInt();
      Inet4Address own =
          socket.getLocalAddress() instanceof Inet4Address local ? local : DhcpProbe.ANY;
      byte[] buffer = new byte[DhcpCodec.MAX_PACKET];
      DatagramPacket answer =
          ServiceProbe.exchange(
              socket, bytes(DhcpProbe.request(xid, kind, mac, own)), peer, buffer);
      return DhcpCodec.decode(Unpooled.wrappedBuffer(buffer, 0, answer.getLength()))
                  instanceof Decoded.Message(DhcpMessage message, _)
              && message.op() == DhcpMessage.REPLY
              && message.xid() == xid
              && message.type().equals(Optional.of(MessageType.ACK))
          ? outcome(DhcpProbe.offer(kind, message, server), server)
          : new Outcome(false, "what came back is no DHCPACK to the question");
    } catch (PortUnreachableException e) {
      return new Outcome(
          false, "port unreachable: nobody listens there, or a firewall rejects the question");
    } catch (SocketTimeoutException e) {
      return ServiceProbe.silence();
    } catch (IOException e) {
      return new Outcome(false, String.valueOf(e.getMessage()));
    }
  }

  private static byte[] bytes(ByteBuf packet) {
    try {
      return ByteBufUtil.getBytes(packet);
    } finally {
      packet.release();
    }
  }

  /** A menu or a list of boot servers stands in option 43; firmware goes on from there. */
  private static Outcome outcome(Offer answer, Inet4Address server) {
    String asked = ", asked as " + answer.asked();
    if (!answer.server().equals(server)) {
      return new Outcome(
          false,
          "the answer names another server in option 54: "
              + answer.server().getHostAddress()
              + " (expected: "
              + server.getHostAddress()
              + ")"
              + asked);
    }
    if (!answer.file().isEmpty()) {
      return new Outcome(true, answer.named() + asked);
    }
    return answer.vendorOptions().isEmpty()
        ? new Outcome(false, "the answer has no boot file" + asked)
        : new Outcome(true, "no boot file, but a menu or boot servers in option 43" + asked);
  }
}
