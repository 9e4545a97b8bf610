// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.answerfiles.DhcpMode;
import foundrybot.answerfiles.Ports;
import foundrybot.answerfiles.RackFile;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.store.Store;
import foundrybot.bootserver.Counters;
import foundrybot.rig.sim.Milestone;
import foundrybot.rig.sim.Mishaps;
import foundrybot.rig.sim.Pace;
import foundrybot.rig.sim.SimulatedNode;
import foundrybot.rig.sim.Weather;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tens of thousands of packets of ill will to a running appliance: noise, and what looks almost
 * right and comes in a node's name. Each is accounted for, and the nodes boot afterwards as if
 * nothing had been.
 */
class MaliceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final long SEED = 0x5eed;
  private static final int NODES = 2;
  private static final int PACKETS = 10_000;
  private static final int CONNECTIONS = 500;

  /** A socket's buffer holds so many; the next ones are sent when these are accounted for. */
  private static final int AT_ONCE = 50;

  /** What may stay in memory of all this: tables are bounded, packets are not kept. */
  private static final long MOST_HEAP_GROWTH = 64 << 20;

  /** All allowances of one node together. */
  private static final int MOST_LINES = 1200;

  private final SplittableRandom random = new SplittableRandom(SEED);
  @TempDir Path data = Path.of("");

  @Test
  void afterAllKindsOfMaliceTheNodesBoot() throws Exception {
    RackFile rack;
    try (Demo demo = Demo.start(settings())) {
      rack = RackTest.readRack(data.resolve("rack.yaml"));
      Ports ports = rack.appliance().ports();
      byte[] mac = macOf(rack);
      long before = usedHeap();
      flood(demo, "dhcp", ports.dhcp(), List.of(dhcp(mac, 1), dhcp(mac, 3), dhcp(mac, 2)));
      flood(demo, "dhcp", ports.proxyDhcp(), List.of(dhcp(mac, 3), dhcp(mac, 8)));
      flood(demo, "tftp", ports.tftp(), List.of(request(rack), bytes(0, 4, 0, 1), bytes(0, 5)));
      flood(demo, "dns", ports.dns(), List.of(question("demo", "rack"), question("a", "test")));
      flood(demo, "sntp", ports.ntp(), List.of(bytes(0x23, new byte[47])));
      http(ports.http(), rack);
      long after = usedHeap();
      assertTrue(
          after - before < MOST_HEAP_GROWTH, "heap: " + before + " before, " + after + " after");

      demo.rack().powerOn();
      assertTrue(demo.rack().await(PATIENCE), () -> RackTest.accounts(demo));
      assertTrue(demo.status().complete(), () -> demo.status().toString());
      for (SimulatedNode node : demo.rack().nodes()) {
        assertEquals(Milestone.ENROLLED, node.account().reached(), node.machine().name());
      }
    }
    journalIsShort(rack);
  }

  private Demo.Settings settings() {
    return new Demo.Settings(
        NODES,
        DhcpMode.PROXY,
        false,
        data,
        Pace.hurried(),
        _ -> Mishaps.NONE,
        Weather.FAIR,
        SEED,
        problem -> {
          throw new AssertionError(problem);
        });
  }

  private void journalIsShort(RackFile rack) {
    try (Store store = Store.open(data)) {
      rack.nodes()
          .forEach(
              node -> {
                List<Fact> lines = store.history(node.mac().toString(), 10 * MOST_LINES);
                assertTrue(lines.size() <= MOST_LINES, node.name() + ": " + lines.size());
              });
    }
  }

  /** Half of it noise, half of it good packets with some bytes changed, cut or doubled. */
  private void flood(Demo demo, String service, int port, List<byte[]> good) throws Exception {
    InetSocketAddress to = new InetSocketAddress(DemoRack.APPLIANCE, port);
    long accounted = accounted(demo, service);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int sent = 1; sent <= PACKETS; sent++) {
        byte[] bytes = random.nextBoolean() ? noise(1500) : mutated(good);
        socket.send(new DatagramPacket(bytes, bytes.length, to));
        if (sent % AT_ONCE == 0) {
          accounted = await(demo, service, accounted + AT_ONCE);
        }
      }
    }
  }

  /** Every packet ends in a counter with a reason, or in one that says what it was. */
  private static long await(Demo demo, String service, long least) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long seen = accounted(demo, service);
    while (seen < least) {
      assertTrue(
          System.nanoTime() < end,
          () -> service + " has not accounted for all packets: " + demo.status().counters());
      Thread.sleep(1);
      seen = accounted(demo, service);
    }
    return seen;
  }

  private static long accounted(Demo demo, String service) {
    return demo.status().counters().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(service + "."))
        .filter(entry -> !entry.getKey().endsWith("." + Counters.SENT_BYTES))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** One connection for each request; the server may close it before all is written. */
  private void http(int port, RackFile rack) {
    String mac = rack.nodes().getFirst().mac().toString().replace(':', '-');
    List<byte[]> good =
        List.of(
            text("GET /program/" + mac + "/snponly.efi HTTP/1.1\r\nHost: a\r\n\r\n"),
            text("GET /node/" + "0".repeat(32) + "/preseed.cfg HTTP/1.1\r\nHost: a\r\n\r\n"),
            text("POST /node/x/report/installed HTTP/1.1\r\nContent-Length: 3\r\n\r\na=b"),
            text("GET /api/v1/status HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n"),
            text("GET /debian/../../etc/passwd HTTP/1.1\r\nRange: bytes=0-\r\n\r\n"));
    int closed = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
      try (Socket socket = new Socket(DemoRack.APPLIANCE, port)) {
        socket.getOutputStream().write(random.nextBoolean() ? noise(4000) : mutated(good));
      } catch (IOException e) {
        closed++;
      }
    }
    assertTrue(closed < CONNECTIONS, "no connection was taken");
  }

  private byte[] noise(int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] mutated(List<byte[]> good) {
    byte[] bytes = good.get(random.nextInt(good.size())).clone();
    for (int i = random.nextInt(6); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return switch (random.nextInt(8)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 1 -> bytes(bytes, bytes);
      default -> bytes;
    };
  }

  private static long usedHeap() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  private static byte[] macOf(RackFile rack) {
    return ByteBuffer.allocate(8).putLong(rack.nodes().getFirst().mac().bits() << 16).array();
  }

  private static byte[] dhcp(byte[] mac, int type) {
    ByteBuffer header = ByteBuffer.allocate(240);
    header.put(new byte[] {(byte) (type == 2 ? 2 : 1), 1, 6, 0, 1, 2, 3, 4});
    header.put(28, mac, 0, 6).putInt(236, 0x63825363);
    return bytes(
        header.array(), 53, 1, type, 60, 9, text("PXEClient"), 93, 2, 0, 7, 43, 3, 6, 1, 8, 255);
  }

  private static byte[] request(RackFile rack) {
    String mac = rack.nodes().getFirst().mac().toString().replace(':', '-');
    return bytes(
        0, 1, text(mac + "/snponly.efi"), 0, text("octet"), 0, text("blksize"), 0, text("1468"), 0);
  }

  private static byte[] question(String first, String second) {
    return bytes(
        new byte[] {1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0},
        first.length(),
        text(first),
        second.length(),
        text(second),
        new byte[] {0, 0, 1, 0, 1});
  }

  private static byte[] text(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      switch (part) {
        case Integer octet -> out.write(octet);
        case byte[] octets -> out.writeBytes(octets);
        default -> throw new AssertionError(part);
      }
    }
    return out.toByteArray();
  }
}
