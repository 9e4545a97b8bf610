// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A site's resolver on loopback that says what the test wants, by UDP and TCP on one port. */
final class StubResolver implements AutoCloseable {
  /** What to send back, one datagram or message each; none: silence. */
  interface Script {
    List<byte[]> answer(byte[] query, boolean tcp) throws Malformed;
  }

  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  record Asked(byte[] query, boolean tcp, int port) {}

  final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private volatile Script script;

  StubResolver(Script script) throws IOException {
    this.script = script;
    Sockets sockets = sockets();
    udp = sockets.udp();
    tcp = sockets.tcp();
    Thread.ofVirtual().start(this::datagrams);
    Thread.ofVirtual().start(this::connections);
  }

  private record Sockets(DatagramSocket udp, ServerSocket tcp) {}

  /** Free by UDP may be taken by TCP. */
  private static Sockets sockets() throws IOException {
    for (int tries = 0; ; tries++) {
      DatagramSocket socket = new DatagramSocket(new InetSocketAddress(DnsRig.LOCAL, 0));
      try {
        return new Sockets(socket, new ServerSocket(socket.getLocalPort(), 50, DnsRig.LOCAL));
      } catch (IOException e) {
        socket.close();
        if (tries == 20) {
          throw e;
        }
      }
    }
  }

  InetSocketAddress address() {
    return new InetSocketAddress(DnsRig.LOCAL, udp.getLocalPort());
  }

  void says(Script other) {
    script = other;
  }

  Asked next() throws InterruptedException {
    Asked next = asked.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the resolver was not asked");
    }
    return next;
  }

  private void datagrams() {
    byte[] buffer = new byte[4096];
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        udp.receive(packet);
        byte[] query = Arrays.copyOf(buffer, packet.getLength());
        asked.add(new Asked(query, false, packet.getPort()));
        for (byte[] answer : script.answer(query, false)) {
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException | Malformed e) {
      // Closed by the test.
    }
  }

  private void connections() {
    while (!tcp.isClosed()) {
      try (Socket client = tcp.accept()) {
        byte[] query = DnsRig.read(client);
        asked.add(new Asked(query, true, client.getPort()));
        for (byte[] answer : script.answer(query, true)) {
          client.getOutputStream().write(DnsRig.framed(answer));
        }
        client.getInputStream().read();
      } catch (IOException | Malformed e) {
        // This client is gone, or the test closed us.
      }
    }
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }

  /** An answer with one A record, as resolvers give it. */
  static byte[] address(byte[] query, long ttl, int lastOctet) throws Malformed {
    return answer(query, 0x8180, 1, 0, Wire.record(Wire.pointer(12), Wire.A, ttl, a(lastOctet)));
  }

  static byte[] a(int lastOctet) {
    return new byte[] {(byte) 192, 0, 2, (byte) lastOctet};
  }

  static byte[] answer(byte[] query, int flags, int answers, int authorities, byte[]... records)
      throws Malformed {
    return Wire.join(
        Wire.u16(Wire.id(query), flags, 1, answers, authorities, 1),
        Wire.questionOf(query),
        Wire.join(records),
        Wire.opt(1232, 0, false));
  }
}
