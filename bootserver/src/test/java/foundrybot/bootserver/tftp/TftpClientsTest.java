// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import foundrybot.bootserver.Counters;
import foundrybot.bootserver.WireEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that end, start over, lose, double and garble. */
@Timeout(120)
@ParameterizedClass(name = "on one port: {0}")
@ValueSource(booleans = {false, true})
class TftpClientsTest {
  @Parameter boolean onePort;
  @TempDir Path dir;
  private TftpRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new TftpRig(dir, onePort);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({"0.05, 0, 1", "0.05, 0.2, 4", "0.2, 0.1, 4", "0.2, 0.3, 16", "0.4, 0.2, 4"})
  void whatIsLostOrDoubledArrivesAllTheSame(double loss, double doubled, int window)
      throws Exception {
    try (TestClient client = new TestClient(rig.server.port(), 42, loss, doubled)) {
      client.socket.setSoTimeout(100);
      byte[] file =
          client.get("bytes-100000", 1468, window, "blksize", "1468", "windowsize", "" + window);
      assertEquals(TftpRig.digest(Arrays.copyOf(rig.content, 100_000)), TftpRig.digest(file));
    }
  }

  @Test
  void theFirmwaresSizeProbeIsNoFailure() throws Exception {
    try (TestClient client = rig.client()) {
      client.toServer(
          TestClient.request(
              1, "file\u00ff", "octet", "tsize", "0", "blksize", "1468", "windowsize", "4"));
      assertEquals(
          Map.of("tsize", "300017", "blksize", "1468", "windowsize", "4"),
          TestClient.options(client.receive()));
      client.reply(TestClient.error(8, "User aborted the transfer"));
      rig.await("tftp.probe");
      assertFalse(rig.server.counters().containsKey("aborted"));
      assertEquals(0, rig.server.counters().get(Counters.SENT_BYTES));
    }
    try (TestClient client = rig.client()) {
      byte[] file = client.get("file", 1468, 4, "blksize", "1468", "windowsize", "4");
      assertEquals(TftpRig.digest(rig.content), TftpRig.digest(file));
      rig.await("tftp.done");
      assertEquals(300_017, rig.server.counters().get(Counters.SENT_BYTES));
    }
  }

  @Test
  void aClientThatEndsATransferIsRecordedWithBlockAndError() throws Exception {
    try (TestClient client = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      client.reply(TestClient.ack(1));
      client.receive();
      client.reply(TestClient.error(3, "Disk full\u0007"));
      WireEvent aborted = rig.await("tftp.aborted");
      assertEquals("by the client at block 1 of 586 of file: error 3 Disk full?", aborted.detail());
    }
  }

  @Test
  void aClientThatIsGoneEndsItsTransfer() throws Exception {
    // Of a shared port the kernel tells nothing: there the time without progress ends it.
    rig.restart(TftpSettings.Limits.USUAL.withGiveUp(Duration.ofSeconds(2)));
    try (TestClient client = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      client.reply(TestClient.ack(1));
    }
    if (onePort) {
      rig.await("tftp.timeout");
    } else {
      assertTrue(rig.await("tftp.aborted").detail().contains("port is closed"));
    }
  }

  @ParameterizedTest
  @CsvSource({"true, 10", "false, 1"})
  void aSilentClientGetsItsOptionsTenTimesAndAWholeBlockOnce(boolean options, int packets)
      throws Exception {
    TftpSettings.Limits usual = TftpSettings.Limits.USUAL;
    rig.restart(
        new TftpSettings.Limits(
            usual.blockSize(),
            usual.windowSize(),
            10,
            10,
            Duration.ofMillis(10),
            Duration.ofMillis(20),
            Duration.ofMillis(50),
            Duration.ofSeconds(5),
            3));
    try (TestClient client = rig.client()) {
      client.toServer(
          options
              ? TestClient.request(1, "file", "octet", "tsize", "0")
              : TestClient.request(1, "file", "octet"));
      rig.await("tftp.timeout");
      client.socket.setSoTimeout(300);
      while (client.receive().length > 0) {
        // Count them all.
      }
      assertEquals(packets, client.packets);
    }
    assertEquals(1, rig.server.counters().get("timeout"));
  }

  @Test
  void aRepeatedRequestGetsTheSameTransferAgain() throws Exception {
    byte[] request = TestClient.request(1, "file", "octet", "blksize", "1000");
    try (TestClient client = rig.client()) {
      client.toServer(request);
      client.toServer(request);
      client.receive();
      client.receive();
      assertEquals(1, rig.server.counters().get("requests"));
      assertEquals(1, rig.server.counters().get("request-repeated"));
    }
  }

  @Test
  void aClientThatStartsOverOnTheSamePortIsServedFromTheBeginning() throws Exception {
    try (TestClient client = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      client.reply(TestClient.ack(1));
      assertEquals(2, client.receive()[3]);
      byte[] file = client.get("bytes-2000", 1000, 1, "blksize", "1000");
      assertArrayEquals(Arrays.copyOf(rig.content, 2000), file);
    }
    rig.await("tftp.replaced");
  }

  @Test
  void aDoubledRequestDoesNotEndTheTransferUnderWay() throws Exception {
    byte[] request = TestClient.request(1, "bytes-1500", "octet");
    try (TestClient client = rig.client()) {
      client.toServer(request);
      client.receive();
      client.reply(TestClient.ack(1));
      assertEquals(2, client.receive()[3]);
      // From now on the socket speaks to the first transfer only.
      byte[] second = TestClient.ack(2);
      client.reply(second);
      client.toServer(request);
      byte[] packet;
      do {
        packet = client.receive();
      } while (packet.length > 0 && packet[3] != 3);
      assertEquals(3, packet[3]);
    }
  }

  @Test
  void oneTransferTooManyIsNotStarted() throws Exception {
    rig.restart(TftpSettings.Limits.USUAL.withTransfers(10, 2));
    try (TestClient one = rig.client();
        TestClient two = rig.client();
        TestClient three = rig.client()) {
      one.toServer(TestClient.request(1, "file", "octet"));
      two.toServer(TestClient.request(1, "file", "octet"));
      assertNotEquals(0, one.receive().length);
      assertNotEquals(0, two.receive().length);
      three.toServer(TestClient.request(1, "file", "octet"));
      three.socket.setSoTimeout(300);
      assertEquals(0, three.receive().length);
      one.reply(TestClient.error(0, "enough"));
      rig.await("tftp.aborted");
      assertEquals(rig.content.length, three.get("file", 512, 1).length);
    }
    assertTrue(rig.server.counters().containsKey("refused.busy"));
  }

  @Test
  void manyClientsAtOnceAreServed() throws Exception {
    List<Thread> threads =
        IntStream.range(0, 24)
            .mapToObj(
                n ->
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              try (TestClient client = rig.client()) {
                                client.get(
                                    "file",
                                    1468,
                                    1 + n,
                                    "blksize",
                                    "1468",
                                    "windowsize",
                                    "" + (1 + n));
                              } catch (IOException e) {
                                throw new UncheckedIOException(e);
                              }
                            }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    for (int i = 0; i < 100 && rig.server.counters().getOrDefault("done", 0L) < 24; i++) {
      Thread.sleep(20);
    }
    assertEquals(24, rig.server.counters().get("done"), rig.server.counters() + " " + rig.events);
  }

  @Test
  void tenThousandMutatedRequestsGetShortAnswersAndTheServerGoesOn() throws Exception {
    Random random = new Random(13);
    byte[] valid =
        TestClient.request(
            1, "bytes-100", "octet", "tsize", "0", "blksize", "1468", "windowsize", "4");
    int answered = 0;
    try (TestClient client = rig.client()) {
      client.socket.setSoTimeout(1);
      for (int i = 0; i < 10_000; i++) {
        byte[] request = Arrays.copyOf(valid, random.nextInt(valid.length + 20));
        for (int n = random.nextInt(5); n > 0 && request.length > 0; n--) {
          request[random.nextInt(request.length)] = (byte) random.nextInt(256);
        }
        client.toServer(request);
        if (i % 50 == 0) {
          for (byte[] answer = client.receive(); answer.length > 0; answer = client.receive()) {
            answered++;
            assertTrue(answer.length <= 516, "answer of " + answer.length);
          }
        }
      }
    }
    assertTrue(answered > 100, "answers: " + answered);
    assertFalse(rig.server.counters().containsKey("failed"), rig.server.counters().toString());
    try (TestClient client = rig.client()) {
      assertEquals(rig.content.length, client.get("file", 512, 1).length);
    }
  }
}
