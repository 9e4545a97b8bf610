// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LossyRelayTest {
  private static final InetSocketAddress ANYWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private DatagramSocket client;
  private DatagramSocket server;
  private DatagramSocket another;

  @BeforeEach
  void open() throws IOException {
    client = socket();
    server = socket();
    another = socket();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
    another.close();
  }

  private static DatagramSocket socket() throws IOException {
    DatagramSocket socket = new DatagramSocket(ANYWHERE);
    socket.setSoTimeout(5000);
    return socket;
  }

  private LossyRelay relay(Weather weather, long seed) {
    return new LossyRelay(
        ANYWHERE, (InetSocketAddress) server.getLocalSocketAddress(), weather, seed);
  }

  private static void send(DatagramSocket from, int what, InetSocketAddress to) throws IOException {
    from.send(new DatagramPacket(new byte[] {(byte) what}, 1, to));
  }

  private static DatagramPacket receive(DatagramSocket at) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    at.receive(packet);
    return packet;
  }

  private static InetSocketAddress from(DatagramPacket packet) {
    return new InetSocketAddress(packet.getAddress(), packet.getPort());
  }

  @Test
  void inFairWeatherAllArrivesBothWays() throws IOException {
    try (LossyRelay relay = relay(Weather.FAIR, 1)) {
      send(client, 7, relay.address());
      DatagramPacket there = receive(server);
      assertEquals(7, there.getData()[0]);
      send(server, 8, from(there));
      DatagramPacket back = receive(client);
      assertEquals(8, back.getData()[0]);
      assertEquals(relay.address(), from(back));
    }
  }

  @Test
  void anAnswerFromAnotherPortComesFromAnotherPortAndLeadsBackThere() throws IOException {
    try (LossyRelay relay = relay(Weather.FAIR, 1)) {
      send(client, 1, relay.address());
      DatagramPacket asked = receive(server);
      send(another, 2, from(asked));
      DatagramPacket answer = receive(client);
      assertNotEquals(relay.address(), from(answer));
      send(client, 3, from(answer));
      assertEquals(3, receive(another).getData()[0]);
    }
  }

  @Test
  void aSeedMakesTheSameChoicesAgain() throws IOException {
    Weather weather = new Weather(0.5, 0, 0, Duration.ZERO);
    List<Integer> first = survivors(weather, 4);
    assertEquals(first, survivors(weather, 4));
    assertNotEquals(first, survivors(weather, 5));
    assertTrue(first.size() > 20 && first.size() < 80, "of 100: " + first.size());
  }

  private List<Integer> survivors(Weather weather, long seed) throws IOException {
    try (LossyRelay relay = relay(weather, seed);
        DatagramSocket fresh = socket()) {
      server.setSoTimeout(300);
      for (int i = 0; i < 100; i++) {
        send(fresh, i, relay.address());
      }
      List<Integer> arrived = new ArrayList<>();
      try {
        while (true) {
          arrived.add((int) receive(server).getData()[0]);
        }
      } catch (SocketTimeoutException e) {
        assertEquals(100, relay.lost() + relay.passed());
        return arrived;
      }
    }
  }

  @Test
  void weatherIsAsBadAsItIsSaid() {
    Weather weather = new Weather(0.2, 0.1, 0.3, Duration.ofMillis(200));
    Random random = new Random(9);
    int lost = 0;
    int doubled = 0;
    int late = 0;
    int copies = 0;
    for (int i = 0; i < 100_000; i++) {
      List<Duration> arrivals = weather.arrivals(random);
      lost += arrivals.isEmpty() ? 1 : 0;
      doubled += arrivals.size() == 2 ? 1 : 0;
      copies += arrivals.size();
      late += (int) arrivals.stream().filter(a -> a.toMillis() > 200).count();
      assertTrue(arrivals.stream().allMatch(a -> a.toMillis() >= 200));
    }
    assertEquals(20_000, lost, 1000);
    assertEquals(8_000, doubled, 500);
    assertEquals(0.3, (double) late / copies, 0.02);
  }

  @Test
  void impossibleWeatherIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Weather(1, 0, 0, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> new Weather(0, -0.1, 0, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> new Weather(0, 0, 0, Duration.ofSeconds(-1)));
  }
}
