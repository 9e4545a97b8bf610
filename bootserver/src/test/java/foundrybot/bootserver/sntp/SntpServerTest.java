// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.sntp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SntpServerTest {
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.500Z");
  private static final long NOW_1900 = 3_976_214_400L;

  private final EventLoops loops = EventLoops.start(1);
  private final List<WireEvent> events = new CopyOnWriteArrayList<>();
  private volatile TimeQuality quality = TimeQuality.ownClock(10);
  private SntpServer server = start(NOW);
  private final DatagramSocket socket = socket();

  private SntpServer start(Instant now) {
    return SntpServer.start(
        SntpSettings.on(LOCAL, 0),
        loops,
        Clock.fixed(now, ZoneOffset.UTC),
        () -> quality,
        events::add);
  }

  private static DatagramSocket socket() {
    try {
      DatagramSocket socket = new DatagramSocket(new InetSocketAddress(LOCAL, 0));
      socket.setSoTimeout(60_000);
      return socket;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void usual() {
    quality = TimeQuality.ownClock(10);
  }

  @AfterEach
  void stop() {
    socket.close();
    server.close();
    loops.close();
  }

  private static byte[] request(int version, int mode, long transmit) {
    return ByteBuffer.allocate(48)
        .put((byte) (3 << 6 | version << 3 | mode))
        .put((byte) 0)
        .put((byte) 6)
        .putLong(40, transmit)
        .array();
  }

  private void send(byte[] message) throws IOException {
    socket.send(new DatagramPacket(message, message.length, LOCAL, server.port()));
  }

  private ByteBuffer receive() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    socket.receive(packet);
    return ByteBuffer.wrap(Arrays.copyOf(packet.getData(), packet.getLength()));
  }

  private ByteBuffer ask(byte[] message) throws IOException {
    send(message);
    return receive();
  }

  @Test
  void aClientGetsTheTimeAndItsOwnStampBack() throws IOException {
    ByteBuffer reply = ask(request(4, 3, 0x0123_4567_89ab_cdefL));
    assertEquals(48, reply.capacity());
    assertEquals(0b00_100_100, reply.get(0), "no leap second, version 4, server");
    assertEquals(10, reply.get(1));
    assertEquals(6, reply.get(2), "poll is copied");
    byte[] source = new byte[4];
    reply.get(12, source);
    assertArrayEquals(new byte[] {127, 127, 1, 0}, source);
    assertEquals(0x0123_4567_89ab_cdefL, reply.getLong(24));
    for (int at : new int[] {32, 40}) {
      assertEquals(NOW_1900 << 32 | 0x8000_0000L, reply.getLong(at));
    }
    assertEquals(1, server.counters().get("answered"));
  }

  @Test
  void theVersionIsCopiedAndWhatFollowsTheHeaderIsNotAnswered() throws IOException {
    for (int version = 1; version <= 4; version++) {
      assertEquals(version << 3 | 4, ask(request(version, 3, 1)).get(0));
    }
    assertEquals(48, ask(Arrays.copyOf(request(4, 3, 1), 1024)).capacity());
  }

  /** As Windows asks a server that it was told of without the flag for clients. */
  @Test
  void whoCallsItselfAPeerIsAnsweredAsOneAndThatAnswerIsNoQuestion() throws IOException {
    ByteBuffer reply = ask(request(3, 1, 0x0123_4567_89ab_cdefL));
    assertEquals(0b00_011_010, reply.get(0), "no leap second, version 3, symmetric passive");
    assertEquals(10, reply.get(1));
    assertEquals(0x0123_4567_89ab_cdefL, reply.getLong(24));
    assertInstanceOf(SntpMessage.Decoded.Ignored.class, SntpMessage.decode(reply));
  }

  /**
   * Whose address a stranger puts on a flood of questions: a limit for each client, and the kiss of
   * death that goes with it, would take the time from him.
   */
  @Test
  void aFloodInAClientsNameTakesNoAnswerFromIt() throws IOException {
    for (int i = 0; i < 5000; i++) {
      ByteBuffer reply = ask(request(4, 3, i + 1L));
      assertEquals(i + 1L, reply.getLong(24));
      assertEquals(10, reply.get(1), "no kiss of death, whose stratum is 0");
    }
  }

  @Test
  void leapSecondsAndTheSourceAreTold() throws IOException {
    quality =
        new TimeQuality.Synchronised(
            3, Inet4Address.ofLiteral("192.0.2.123"), TimeQuality.Leap.LAST_MINUTE_HAS_59_SECONDS);
    ByteBuffer reply = ask(request(4, 3, 1));
    assertEquals((byte) 0b10_100_100, reply.get(0));
    assertEquals(3, reply.get(1));
    assertEquals(0xc000_027b, reply.getInt(12));
    assertThrows(IllegalArgumentException.class, () -> TimeQuality.ownClock(16));
  }

  @Test
  void aClockThatIsNotSetSaysSo() throws IOException {
    quality = new TimeQuality.Unsynchronised();
    ByteBuffer reply = ask(request(4, 3, 1));
    assertEquals((byte) 0b11_100_100, reply.get(0), "alarm");
    assertEquals(0, reply.get(1));
    assertEquals(0x494e_4954, reply.getInt(12), "INIT");
    assertEquals(0, reply.getLong(16));
  }

  @Test
  void otherModesVersionsAndFragmentsAreNotAnswered() throws IOException {
    for (int mode : new int[] {0, 2, 4, 5, 6, 7}) {
      send(request(4, mode, 99));
    }
    send(request(0, 3, 99));
    send(request(5, 3, 99));
    send(new byte[0]);
    send(Arrays.copyOf(request(4, 3, 99), 47));
    assertEquals(7, ask(request(4, 3, 7)).getLong(24), "the first answer there is");
    assertEquals(6, server.counters().get("ignored.mode"));
    assertEquals(2, server.counters().get("ignored.version"));
    assertEquals(2, server.counters().get("ignored.short"));
    assertTrue(events.stream().allMatch(event -> event.kind().equals("sntp.ignored")));
    assertEquals(10, events.size());
  }

  @Test
  void randomOctetsNeitherStopItNorGrow() throws IOException {
    Random random = new Random(4330);
    for (int i = 0; i < 2000; i++) {
      byte[] message = new byte[random.nextInt(200)];
      random.nextBytes(message);
      send(message);
      send(request(4, 3, 0xbeef_0000_0000L + i));
      ByteBuffer reply;
      do {
        reply = receive();
        assertEquals(48, reply.capacity());
      } while (reply.getLong(24) != 0xbeef_0000_0000L + i);
    }
  }

  @Test
  void theSecondsStartOverIn2036() {
    assertEquals(
        0x0000_0000_4000_0000L, SntpMessage.timestamp(Instant.parse("2036-02-07T06:28:16.250Z")));
    assertInstanceOf(
        SntpMessage.Decoded.Request.class, SntpMessage.decode(ByteBuffer.wrap(request(4, 3, 0))));
  }
}
