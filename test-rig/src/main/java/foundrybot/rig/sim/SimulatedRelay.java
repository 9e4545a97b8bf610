// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import foundrybot.rig.sim.DhcpWire.Query;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A DHCP relay agent (RFC 1542 section 4): it puts its own address into what its machines send, and
 * gives back to each what comes to its port. So a rack needs no interface of its own and no rights.
 */
final class SimulatedRelay implements AutoCloseable {
  private final Inet4Address address;
  private final InetSocketAddress server;
  private final DatagramSocket socket;
  private final Map<Integer, BlockingQueue<byte[]>> waiting = new ConcurrentHashMap<>();
  private final AtomicLong strays = new AtomicLong();

  /**
   * Opens the relay's port.
   *
   * @param address the relay's own address, {@code giaddr}
   * @param port where the server sends answers, or what passes them on; 0 takes a free one
   * @param server the server's port 67
   */
  SimulatedRelay(Inet4Address address, int port, InetSocketAddress server) {
    this.address = address;
    this.server = server;
    try {
      this.socket = new DatagramSocket(new InetSocketAddress(address, port));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "relay: " + address.getHostAddress() + " port " + port + ": " + e.getMessage(), e);
    }
    Thread.ofVirtual().name("relay").start(this::receive);
  }

  /** One machine's transaction; closed when it has what it waits for. */
  final class Conversation implements AutoCloseable {
    private final int xid;
    private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>(64);

    private Conversation(int xid) {
      this.xid = xid;
    }

    void send(Query query) throws IOException {
      byte[] bytes = query.viaRelay(address).bytes();
      socket.send(new DatagramPacket(bytes, bytes.length, server));
    }

    BlockingQueue<byte[]> answers() {
      return answers;
    }

    @Override
    public void close() {
      waiting.remove(xid);
    }
  }

  Conversation open(int xid) {
    Conversation conversation = new Conversation(xid);
    waiting.put(xid, conversation.answers);
    return conversation;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(address, socket.getLocalPort());
  }

  /** Packets that came for nobody. */
  long strays() {
    return strays.get();
  }

  private void receive() {
    byte[] buffer = new byte[Wire.LARGEST];
    while (!socket.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(packet);
      } catch (IOException e) {
        // Closed, or the news that nobody listened to an earlier packet.
        continue;
      }
      byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
      boolean taken =
          DhcpWire.xid(bytes).map(waiting::get).filter(answers -> answers.offer(bytes)).isPresent();
      if (!taken) {
        strays.incrementAndGet();
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
