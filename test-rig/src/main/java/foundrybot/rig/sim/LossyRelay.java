// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bad network between clients and one UDP server: what comes to its port goes to the server, what
 * the server answers goes back, and on the way datagrams are lost, doubled, late and overtaken. The
 * same seed makes the same choices for the same datagrams.
 *
 * <p>Each client has a socket of its own towards the server. Where the server answers from another
 * port than it was asked at, as TFTP does (RFC 1350 section 4), the client sees another port, too,
 * and what it sends there goes to that port of the server.
 */
public final class LossyRelay implements AutoCloseable {
  private static final int MOST_CLIENTS = 4096;
  private static final int BUFFER = 1 << 20;

  private final InetAddress own;
  private final InetSocketAddress server;
  private final Weather weather;
  private final long seed;
  private final DatagramSocket front;
  private final Map<InetSocketAddress, Client> clients = new ConcurrentHashMap<>();
  private final List<DatagramSocket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong passed = new AtomicLong();
  private volatile boolean closed;

  /**
   * Opens the port.
   *
   * @param at where clients send to; port 0 takes a free one
   */
  public LossyRelay(InetSocketAddress at, InetSocketAddress server, Weather weather, long seed) {
    this.own = at.getAddress();
    this.server = server;
    this.weather = weather;
    this.seed = seed;
    this.front = open(at.getPort());
    listen(front, (bytes, from) -> client(from).towards(bytes, server));
  }

  private interface Listener {
    void heard(byte[] bytes, InetSocketAddress from) throws IOException;
  }

  private final class Client {
    private final InetSocketAddress address;
    private final DatagramSocket back;
    private final Random there;
    private final Random hither;
    private final Map<InetSocketAddress, DatagramSocket> fronts = new ConcurrentHashMap<>();

    Client(InetSocketAddress address, long number) {
      this.address = address;
      this.there = new Random(seed * 1_000_003 + 2 * number);
      this.hither = new Random(seed * 1_000_003 + 2 * number + 1);
      this.back = open(0);
      fronts.put(server, front);
      listen(back, this::backwards);
    }

    void towards(byte[] bytes, InetSocketAddress to) {
      pass(back, bytes, to, there);
    }

    private void backwards(byte[] bytes, InetSocketAddress from) {
      pass(fronts.computeIfAbsent(from, this::another), bytes, address, hither);
    }

    /** The server has begun to speak from that port. */
    private DatagramSocket another(InetSocketAddress from) {
      DatagramSocket opened = open(0);
      listen(opened, (bytes, _) -> towards(bytes, from));
      return opened;
    }
  }

  private Client client(InetSocketAddress from) throws IOException {
    if (clients.size() >= MOST_CLIENTS) {
      throw new IOException("more than " + MOST_CLIENTS + " clients");
    }
    return clients.computeIfAbsent(from, address -> new Client(address, clients.size()));
  }

  /** Where clients send to. */
  public InetSocketAddress address() {
    return new InetSocketAddress(own, front.getLocalPort());
  }

  /** Datagrams that did not arrive. */
  public long lost() {
    return lost.get();
  }

  /** Datagrams that did, their doubles not counted. */
  public long passed() {
    return passed.get();
  }

  private DatagramSocket open(int port) {
    try {
      DatagramSocket socket = new DatagramSocket(new InetSocketAddress(own, port));
      socket.setReceiveBufferSize(BUFFER);
      sockets.add(socket);
      if (closed) {
        socket.close();
      }
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "lossy relay: " + own.getHostAddress() + " port " + port + ": " + e.getMessage(), e);
    }
  }

  private void listen(DatagramSocket socket, Listener listener) {
    Thread.ofVirtual()
        .name("lossy-relay")
        .start(
            () -> {
              byte[] buffer = new byte[Wire.LARGEST];
              while (!socket.isClosed()) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                try {
                  socket.receive(packet);
                  listener.heard(
                      Arrays.copyOf(packet.getData(), packet.getLength()),
                      new InetSocketAddress(packet.getAddress(), packet.getPort()));
                } catch (IOException e) {
                  // Closed, or the news that nobody listened to an earlier datagram: that is lost.
                }
              }
            });
  }

  private void pass(DatagramSocket from, byte[] bytes, InetSocketAddress to, Random random) {
    List<Duration> arrivals;
    synchronized (random) {
      arrivals = weather.arrivals(random);
    }
    if (arrivals.isEmpty()) {
      lost.incrementAndGet();
      return;
    }
    passed.incrementAndGet();
    for (Duration arrival : arrivals) {
      if (arrival.isZero()) {
        send(from, bytes, to);
      } else {
        Thread.ofVirtual().start(() -> later(arrival, from, bytes, to));
      }
    }
  }

  private static void later(
      Duration arrival, DatagramSocket from, byte[] bytes, InetSocketAddress to) {
    try {
      Thread.sleep(arrival);
      send(from, bytes, to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(DatagramSocket from, byte[] bytes, InetSocketAddress to) {
    try {
      from.send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException e) {
      // Closed meanwhile, or nobody listens there: lost.
    }
  }

  @Override
  public void close() {
    closed = true;
    sockets.forEach(DatagramSocket::close);
  }
}
