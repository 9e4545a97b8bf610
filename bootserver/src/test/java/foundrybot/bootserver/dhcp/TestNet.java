// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import foundrybot.bootserver.BootPolicy;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.VirtualClock;
import foundrybot.bootserver.WireEvent;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A DHCP server on loopback with high ports, and clients behind a relay on 127.0.0.2. */
final class TestNet implements AutoCloseable {
  static final Inet4Address SERVER = Messages.ip("127.0.0.1");
  static final Inet4Address RELAY = Messages.ip("127.0.0.2");
  static final DhcpNetwork NETWORK = DhcpNetwork.on(Optional.empty(), SERVER, 24);
  private static final int PATIENCE_MS = 3000;
  private static final int SILENCE_MS = 150;

  final EventLoops loops = EventLoops.start(1);
  final List<WireEvent> events = new CopyOnWriteArrayList<>();
  final VirtualClock clock = new VirtualClock();
  final TestStore store = new TestStore();
  final DatagramSocket relay;
  final DatagramSocket client;
  final DhcpSettings settings;
  private DhcpServer server;
  private final BootPolicy policy;
  private final Reservations reservations;
  private final AddressProber prober;

  TestNet(List<DhcpNetwork> networks, Mode mode, BootPolicy policy, Reservations reservations) {
    this(networks, mode, policy, reservations, new KernelProber());
  }

  TestNet(
      List<DhcpNetwork> networks,
      Mode mode,
      BootPolicy policy,
      Reservations reservations,
      AddressProber prober) {
    this.prober = prober;
    this.policy = policy;
    this.reservations = reservations;
    this.relay = socket(RELAY);
    this.client = socket(Messages.ip("127.0.0.3"));
    this.settings =
        new DhcpSettings(
            networks,
            mode,
            new DhcpSettings.Ports(
                freePort(), client.getLocalPort(), freePort(), relay.getLocalPort()));
    this.server = startServer();
  }

  private DhcpServer startServer() {
    return DhcpServer.start(
        settings, loops, policy, reservations, store, prober, events::add, clock);
  }

  DhcpServer server() {
    return server;
  }

  /** As after a crash: only what the store has is left. */
  void restart() {
    server.close();
    server = startServer();
  }

  private static DatagramSocket socket(Inet4Address address) {
    return socket(address, 0);
  }

  static DatagramSocket socket(Inet4Address address, int port) {
    try {
      DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, port));
      socket.setSoTimeout(PATIENCE_MS);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static int freePort() {
    try (DatagramSocket socket = new DatagramSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From a port that is not the relay's own, as relays do. */
  void sendRelayed(DhcpMessage message) {
    try (DatagramSocket other = new DatagramSocket(new InetSocketAddress(RELAY, 0))) {
      send(other, Messages.relayed(message, RELAY), settings.ports().server());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void send(DatagramSocket from, ByteBuf packet, int port) {
    send(from, packet, SERVER, port);
  }

  static void send(DatagramSocket from, ByteBuf packet, Inet4Address to, int port) {
    byte[] bytes = ByteBufUtil.getBytes(packet);
    try {
      from.send(new DatagramPacket(bytes, bytes.length, to, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void send(DatagramSocket from, DhcpMessage message, int port) {
    send(from, Messages.encoded(message), port);
  }

  /** The answer to a relayed message. */
  DhcpMessage ask(DhcpMessage message) {
    sendRelayed(message);
    return receive(relay);
  }

  static DhcpMessage receive(DatagramSocket socket) {
    return receive(socket, SERVER);
  }

  /** The next message, which must come from that address. */
  static DhcpMessage receive(DatagramSocket socket, Inet4Address server) {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    try {
      socket.receive(packet);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!packet.getAddress().equals(server)) {
      throw new AssertionError("answer from " + packet.getAddress());
    }
    return Messages.decoded(Unpooled.wrappedBuffer(packet.getData(), 0, packet.getLength()));
  }

  /** Waits until the event is there, then a little for an answer that must not come. */
  void expectSilence(DatagramSocket socket, String kind, int count) {
    awaitEvents(kind, count);
    try {
      socket.setSoTimeout(SILENCE_MS);
      DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
      socket.receive(packet);
      throw new AssertionError("answered with " + packet.getLength() + " bytes; " + events);
    } catch (SocketTimeoutException expected) {
      // This is what should happen.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      try {
        socket.setSoTimeout(PATIENCE_MS);
      } catch (IOException e) {
        events.clear();
      }
    }
  }

  void awaitEvents(String kind, int count) {
    long end = System.nanoTime() + Duration.ofMillis(PATIENCE_MS).toNanos();
    while (events(kind).size() < count) {
      if (System.nanoTime() > end) {
        throw new AssertionError(kind + " expected " + count + " times: " + events);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  List<WireEvent> events(String kind) {
    return events.stream().filter(event -> event.kind().equals(kind)).toList();
  }

  @Override
  public void close() {
    server.close();
    loops.close();
    relay.close();
    client.close();
  }

  /** Keeps leases in memory; can be told to wait or to fail. */
  static final class TestStore implements LeaseStore {
    private final Map<Inet4Address, Lease> leases = new LinkedHashMap<>();
    private CompletionStage<Void> gate = CompletableFuture.completedFuture(null);
    private CompletionStage<Void> last = gate;
    private int saves;

    synchronized void gate(CompletionStage<Void> next) {
      gate = next;
    }

    /** How often something was to be saved. */
    synchronized int saves() {
      return saves;
    }

    synchronized Optional<Lease> lease(Inet4Address address) {
      return Optional.ofNullable(leases.get(address));
    }

    @Override
    public synchronized List<Lease> load() {
      return new ArrayList<>(leases.values());
    }

    @Override
    public synchronized CompletionStage<Void> save(Lease lease) {
      saves++;
      CompletionStage<Void> open = gate;
      last =
          last.exceptionally(failure -> null)
              .thenCompose(nothing -> open)
              .thenRun(() -> put(lease));
      return last;
    }

    private synchronized void put(Lease lease) {
      leases.put(lease.address(), lease);
    }
  }
}
