// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.EventLoops;
import foundrybot.bootserver.tftp.TftpAnswer;
import foundrybot.bootserver.tftp.TftpServer;
import foundrybot.bootserver.tftp.TftpSettings;
import foundrybot.bootserver.tftp.TftpTable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files through a network that loses, doubles, delays and reorders. All transfers of one weather
 * run at the same time, so that waiting costs little.
 */
@Timeout(240)
class LossyTransferTest {
  private static final Inet4Address LOOPBACK = Inet4Address.ofLiteral("127.0.0.1");

  /** How a client asks: its window, and whether it probes the size first, as EDK2 does. */
  private record Habit(int window, boolean probes) {}

  private static final List<Habit> HABITS =
      List.of(
          new Habit(1, false),
          new Habit(4, false),
          new Habit(16, false),
          new Habit(64, false),
          new Habit(4, true));

  /** A client waits a second where firmware waits four, and does not lose heart at 40 % loss. */
  private static final Pace PACE = new Pace(0.25, Duration.ZERO, Duration.ZERO);

  private static final int TRIES = 40;

  @Test
  void whatIsLostDoubledAndOvertakenArrivesAllTheSame() throws Exception {
    everyTransferCompletes(new Weather(0.2, 0.1, 0.1, Duration.ZERO));
  }

  @ParameterizedTest(name = "loss {0}, delay {1} ms")
  @CsvSource({"0.05, 0", "0.4, 0", "0.05, 200", "0.2, 200", "0.4, 200"})
  @Tag("slow")
  void everyTransferCompletesAndEveryDigestIsRight(double loss, int delay) throws Exception {
    everyTransferCompletes(new Weather(loss, 0.1, 0.1, Duration.ofMillis(delay)));
  }

  private static void everyTransferCompletes(Weather weather) throws Exception {
    byte[] content = new byte[1 << 17];
    new Random(5).nextBytes(content);
    TftpTable table =
        asked -> TftpAnswer.Bytes.of(Arrays.copyOf(content, Integer.parseInt(asked.name())));
    TftpSettings settings = TftpSettings.on(LOOPBACK, 0);
    Map<String, String> results = new ConcurrentSkipListMap<>();
    Map<String, String> expected = new TreeMap<>();
    AtomicLong lost = new AtomicLong();
    try (EventLoops loops = EventLoops.start(2);
        TftpServer ports = TftpServer.start(settings, loops, table, _ -> {});
        TftpServer onePort = TftpServer.start(settings.onOnePort(), loops, table, _ -> {})) {
      List<Thread> threads = new ArrayList<>();
      for (TftpServer server : List.of(ports, onePort)) {
        for (long seed : new long[] {1, 20_261, 77_777}) {
          for (Habit habit : HABITS) {
            int size = size(habit, weather);
            String name = (server == onePort ? "on one port, " : "") + habit + " seed " + seed;
            expected.put(name, digest(Arrays.copyOf(content, size)));
            threads.add(
                Thread.ofVirtual()
                    .start(
                        () -> results.put(name, fetch(server, weather, seed, habit, size, lost))));
          }
        }
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(expected, results, ports.counters() + " " + onePort.counters());
      assertTrue(lost.get() > 0, "nothing was lost");
    }
  }

  /**
   * With loss, a round trip brings a few blocks whatever the window is: some dozen blocks make some
   * dozen round trips; a window of 64 is filled once at least.
   */
  private static int size(Habit habit, Weather weather) {
    int blocks = Math.max(weather.delay().isZero() ? 40 : 10, habit.window() + 6);
    return blocks * 1468 + 1000 * habit.window() % 1468;
  }

  private static String fetch(
      TftpServer server, Weather weather, long seed, Habit habit, int size, AtomicLong lost) {
    Machine machine =
        new Machine("m", "52:54:00:aa:00:01", new UUID(0, seed), FirmwareKind.UEFI, LOOPBACK);
    try (LossyRelay relay =
        new LossyRelay(
            new InetSocketAddress(LOOPBACK, 0),
            new InetSocketAddress(LOOPBACK, server.port()),
            weather,
            seed)) {
      // A loss of its own that never happens makes the client stay for a lost last ACK.
      byte[] file =
          new TftpClient(machine, PACE, Double.MIN_VALUE, new Random(seed))
              .trying(TRIES)
              .fetch(relay.address(), Integer.toString(size), habit.window(), habit.probes());
      lost.addAndGet(relay.lost());
      return digest(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
