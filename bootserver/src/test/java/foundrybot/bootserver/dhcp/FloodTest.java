// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.MacAddress;
import foundrybot.bootserver.VirtualClock;
import foundrybot.bootserver.dhcp.DhcpMessage.MessageType;
import foundrybot.bootserver.dhcp.DhcpSettings.Mode;
import foundrybot.bootserver.dhcp.DhcpSettings.Ports;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hundred thousand machines that are not there, over real sockets. */
final class FloodTest {
  private static final int FLOOD = 100_000;

  /** What the smallest receive buffer of a machine holds for certain. */
  private static final int BURST = 100;

  /** One small object kept for each of them would be more. */
  private static final long MOST_KEPT = 6 << 20;

  private static final Inet4Address RELAY = Messages.ip("127.0.0.2");
  private static final MacAddress KNOWN = new MacAddress(0x525400770001L);
  private static final MacAddress OTHER = new MacAddress(0x525400770002L);

  private final Reservations reservations =
      new Reservations() {
        @Override
        public Optional<Inet4Address> reservation(MacAddress mac) {
          return Optional.empty();
        }

        @Override
        public Optional<MacAddress> owner(Inet4Address address) {
          return Optional.empty();
        }

        @Override
        public boolean isKnown(MacAddress mac) {
          return mac.equals(KNOWN) || mac.equals(OTHER);
        }
      };

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFloodChangesNothingForAKnownMachineAndLeavesNothingBehind(boolean serves)
      throws IOException {
    try (EventLoops loops = EventLoops.start(1);
        DatagramSocket relay = TestNet.socket(RELAY, 0)) {
      Ports ports = new Ports(TestNet.freePort(), 1068, TestNet.freePort(), relay.getLocalPort());
      DhcpNetwork network =
          TestNet.NETWORK.leasing(
              Messages.ip("127.0.0.100"), Messages.ip("127.0.0.115"), List.of(), List.of());
      Mode mode =
          serves ? new Mode.Server(Optional.empty(), Duration.ofHours(1), true) : new Mode.Proxy();
      try (DhcpServer server =
          DhcpServer.start(
              DhcpSettings.on(network, mode, ports),
              loops,
              (client, self) ->
                  reservations.isKnown(client.mac())
                      ? new BootDecision.Program("ipxe.efi", "known")
                      : new BootDecision.Ignore("unknown"),
              reservations,
              new TestNet.TestStore(),
              event -> {},
              new VirtualClock())) {
        Optional<Inet4Address> leased = boots(relay, KNOWN, ports.server(), serves);
        flood(relay, server, ports.server(), FLOOD / 10);
        long before = used();
        flood(relay, server, ports.server(), FLOOD);
        long kept = used() - before;
        assertTrue(kept < MOST_KEPT, () -> kept + " bytes kept");
        assertEquals(leased, boots(relay, KNOWN, ports.server(), serves), "as before");
        boots(relay, OTHER, ports.server(), serves);
        assertTrue(server.counters().size() < 20, () -> server.counters().toString());
      }
    }
  }

  /** Offer, and with leases the lease; the machine is told its program each time. */
  private static Optional<Inet4Address> boots(
      DatagramSocket relay, MacAddress mac, int port, boolean serves) throws IOException {
    DhcpMessage offer = ask(relay, discover(mac), port, mac);
    assertEquals("ipxe.efi", offer.file());
    if (!serves) {
      return Optional.empty();
    }
    DhcpMessage select =
        Messages.request(
            mac,
            MessageType.REQUEST,
            DhcpOption.address(DhcpOption.SERVER_ID, TestNet.SERVER),
            DhcpOption.address(DhcpOption.REQUESTED_ADDRESS, offer.yiaddr()));
    DhcpMessage ack = ask(relay, select, port, mac);
    assertEquals(Optional.of(MessageType.ACK), ack.type());
    return Optional.of(ack.yiaddr());
  }

  private static DhcpMessage discover(MacAddress mac) {
    return Messages.request(
        mac, MessageType.DISCOVER, Messages.architectures(7), Messages.vendorClass("PXEClient"));
  }

  /** Answers to the flood that are still in the socket are passed over. */
  private static DhcpMessage ask(
      DatagramSocket relay, DhcpMessage message, int port, MacAddress mac) throws IOException {
    send(relay, message, port);
    while (true) {
      DhcpMessage answer = TestNet.receive(relay);
      if (answer.chaddr().equals(Octets.of(mac.toBytes()))) {
        return answer;
      }
    }
  }

  private static void send(DatagramSocket relay, DhcpMessage message, int port) throws IOException {
    byte[] bytes = ByteBufUtil.getBytes(Messages.encoded(Messages.relayed(message, RELAY)));
    relay.send(new DatagramPacket(bytes, bytes.length, TestNet.SERVER, port));
  }

  private static void flood(DatagramSocket relay, DhcpServer server, int port, int count)
      throws IOException {
    DhcpMessage model = discover(new MacAddress(0x020000000000L));
    byte[] bytes = ByteBufUtil.getBytes(Messages.encoded(Messages.relayed(model, RELAY)));
    long heard = discovers(server);
    for (int i = 0; i < count; i++) {
      for (int b = 0; b < 4; b++) {
        bytes[30 + b] = (byte) ((i + count) >>> (8 * (3 - b)));
      }
      relay.send(new DatagramPacket(bytes, bytes.length, TestNet.SERVER, port));
      if ((i + 1) % BURST == 0) {
        await(server, heard + i + 1);
      }
    }
  }

  private static void await(DhcpServer server, long wanted) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (discovers(server) < wanted) {
      assertTrue(System.nanoTime() < end, () -> discovers(server) + " of " + wanted + " heard");
      Thread.onSpinWait();
    }
  }

  private static long discovers(DhcpServer server) {
    return server.counters().getOrDefault("dhcp.discover", 0L);
  }

  /** The least of some looks: a collection does not free everything at once. */
  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
