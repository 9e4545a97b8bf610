// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.Subnet;
import foundrybot.bootserver.VirtualClock;
import foundrybot.bootserver.WireEvent;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A server on 127.0.0.1, whose local network is that address only. */
final class DnsRig implements AutoCloseable {
  static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");
  static final InetAddress STRANGER = InetAddress.ofLiteral("127.0.0.2");
  static final DnsSettings.Limits PATIENT =
      DnsSettings.Limits.USUAL.withForwards(64, 16, Duration.ofSeconds(30), 1);

  final List<WireEvent> events = new CopyOnWriteArrayList<>();
  final EventLoops loops = EventLoops.start(2);
  final VirtualClock clock = new VirtualClock();
  final DnsServer server;
  volatile Zone zone = Zone.of(ZoneTest.DATA);

  DnsRig(InetSocketAddress... resolvers) {
    this(PATIENT, settings -> settings, resolvers);
  }

  DnsRig(
      DnsSettings.Limits limits,
      UnaryOperator<DnsSettings> change,
      InetSocketAddress... resolvers) {
    DnsSettings settings =
        DnsSettings.on(LOCAL, 0)
            .with(limits)
            .forwarding(List.of(resolvers), List.of(new Subnet(LOCAL, 32)));
    server = DnsServer.start(change.apply(settings), loops, () -> zone, events::add, clock);
  }

  byte[] udp(byte[] message) throws IOException {
    return udpFrom(LOCAL, message);
  }

  /** The answer to one datagram. */
  byte[] udpFrom(InetAddress client, byte[] message) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(client, 0))) {
      socket.setSoTimeout(60_000);
      send(socket, message);
      return receive(socket);
    }
  }

  void send(DatagramSocket socket, byte[] message) throws IOException {
    socket.send(new DatagramPacket(message, message.length, LOCAL, server.port()));
  }

  static byte[] receive(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  /**
   * Whether a message gets no answer: one that does, sent after it by the same socket, gets the
   * first there is.
   */
  boolean isSilentOn(byte[] message) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(LOCAL, 0))) {
      socket.setSoTimeout(60_000);
      send(socket, message);
      send(socket, Wire.query(0xbeef, "etcd-1.alpha.rack", Wire.A));
      return Wire.id(receive(socket)) == 0xbeef;
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server has ended", e);
    }
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(LOCAL, server.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  byte[] tcp(byte[] message) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(framed(message));
      return read(socket);
    }
  }

  static byte[] framed(byte[] message) {
    return Wire.join(Wire.u16(message.length), message);
  }

  static byte[] read(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = new byte[in.readUnsignedShort()];
    in.readFully(answer);
    return answer;
  }

  long count(String counter) {
    return server.counters().getOrDefault(counter, 0L);
  }

  @Override
  public void close() {
    server.close();
    loops.close();
  }
}
