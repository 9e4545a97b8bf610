// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An address that has not answered may be a victim's: what goes there is bounded by what came. */
@Timeout(120)
class CreditTest {
  /** Headers of IPv4 and UDP. */
  private static final int HEADERS = 28;

  @TempDir Path dir;

  @Test
  void theShortestRequestPaysForOneBlockAndNotForTwo() {
    byte[] shortest = TestClient.request(1, "a", "octet");
    Credit credit = new Credit(shortest.length);
    assertTrue(credit.spend(516));
    assertFalse(credit.spend(516));
    credit.earn(shortest.length);
    assertTrue(credit.spend(516));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noRequestIsAnsweredWithMoreThanSixteenTimesItsBytes(boolean onePort) throws Exception {
    TftpSettings.Limits usual = TftpSettings.Limits.USUAL;
    TftpSettings.Limits hurried =
        new TftpSettings.Limits(
            usual.blockSize(),
            usual.windowSize(),
            1000,
            1000,
            Duration.ofMillis(5),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            3);
    try (TftpRig rig = new TftpRig(dir, onePort)) {
      rig.restart(hurried);
      Random random = new Random(11);
      List<String> names = List.of("file", "bytes-100", "bytes-0", "x", "../x", "missing");
      List<String[]> options =
          List.of(
              new String[] {},
              new String[] {"tsize", "0"},
              new String[] {"blksize", "65464", "windowsize", "65535"},
              new String[] {"windowsize", "64"},
              new String[] {"blksize", "8", "tsize", "0", "timeout", "1", "windowsize", "9"});
      for (int i = 0; i < 60; i++) {
        String mode = random.nextInt(5) == 0 ? "netascii" : "octet";
        byte[] request =
            TestClient.request(
                random.nextInt(8) == 0 ? 2 : 1,
                names.get(random.nextInt(names.size())),
                mode,
                options.get(random.nextInt(options.size())));
        assertBounded(rig.server.port(), request, 1 + random.nextInt(4));
      }
    }
  }

  private static void assertBounded(int port, byte[] request, int copies) throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      silent.setSoTimeout(120);
      DatagramPacket packet =
          new DatagramPacket(request, request.length, InetAddress.getLoopbackAddress(), port);
      for (int i = 0; i < copies; i++) {
        silent.send(packet);
      }
      long in = (long) copies * (request.length + HEADERS);
      long out = 0;
      byte[] buffer = new byte[66_000];
      try {
        while (true) {
          DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
          silent.receive(answer);
          out += answer.getLength() + HEADERS;
        }
      } catch (SocketTimeoutException e) {
        assertTrue(out <= 16 * in, "%d bytes for %d".formatted(out, in));
      }
    }
  }

  @Test
  void whoNeverAnswersMakesRoomForOthers() throws Exception {
    try (TftpRig rig = new TftpRig(dir)) {
      rig.restart(TftpSettings.Limits.USUAL.withTransfers(4, 4));
      for (int i = 0; i < 4; i++) {
        InetAddress forged = InetAddress.ofLiteral("127.0.9." + (i + 1));
        try (DatagramSocket flood = new DatagramSocket(0, forged)) {
          byte[] request = TestClient.request(1, "file", "octet", "tsize", "0");
          flood.send(
              new DatagramPacket(
                  request, request.length, InetAddress.getLoopbackAddress(), rig.server.port()));
          rig.await("tftp.rrq");
          // Open until the transfer has begun: a closed port would end it.
          flood.setSoTimeout(2000);
          flood.receive(new DatagramPacket(new byte[600], 600));
          try (TestClient client = rig.client()) {
            assertEquals(rig.content.length, client.get("file", 512, 1).length);
          }
        }
      }
    }
  }
}
