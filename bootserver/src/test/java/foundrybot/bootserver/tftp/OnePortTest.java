// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All transfers through the port that clients ask at. */
@Timeout(120)
class OnePortTest {
  @TempDir Path dir;
  private TftpRig rig;

  @BeforeEach
  void start() throws IOException {
    rig = new TftpRig(dir, true);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void everyDatagramComesFromThePortThatWasAsked() throws Exception {
    try (TestClient client = rig.client()) {
      byte[] file = client.get("file", 1468, 16, "blksize", "1468", "windowsize", "16");
      assertEquals(TftpRig.digest(rig.content), TftpRig.digest(file));
      assertEquals(rig.server.port(), client.from().getPort());
    }
  }

  @Test
  void twoClientsBehindOneAddressAreToldApart() throws Exception {
    try (TestClient one = rig.client();
        TestClient two = rig.client()) {
      one.toServer(TestClient.request(1, "bytes-600", "octet"));
      two.toServer(TestClient.request(1, "bytes-700", "octet"));
      one.receive();
      two.receive();
      two.reply(TestClient.ack(1));
      one.reply(TestClient.ack(1));
      assertEquals(600 - 512 + 4, one.receive().length);
      assertEquals(700 - 512 + 4, two.receive().length);
    }
  }

  @Test
  void anotherFileOnTheSamePortStartsAtOnce() throws Exception {
    try (TestClient client = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      client.reply(TestClient.ack(1));
      assertEquals(2, client.receive()[3]);
      assertArrayEquals(
          Arrays.copyOf(rig.content, 2000), client.get("bytes-2000", 1000, 1, "blksize", "1000"));
    }
    assertTrue(rig.await("tftp.replaced").detail().contains("started over"));
  }

  @Test
  void theSameRequestIsACopyWhileItsTransferGetsOnAndANewStartAfterwards() throws Exception {
    byte[] request = TestClient.request(1, "file", "octet");
    try (TestClient client = rig.client()) {
      client.toServer(request);
      client.receive();
      client.reply(TestClient.ack(1));
      assertEquals(2, client.receive()[3]);
      client.toServer(request);
      client.reply(TestClient.ack(2));
      byte[] packet;
      do {
        packet = client.receive();
      } while (packet[3] == 2);
      assertEquals(3, packet[3], "the copy changed nothing");
      assertEquals(1, rig.server.counters().get("requests"));

      Thread.sleep(1200);
      client.toServer(request);
      do {
        packet = client.receive();
      } while (packet[3] == 3);
      assertEquals(1, packet[3], "started over");
      assertEquals(2, rig.server.counters().get("requests"));
    }
  }

  @Test
  void whatBelongsToNoTransferGetsNoAnswer() throws Exception {
    try (TestClient client = rig.client()) {
      client.socket.setSoTimeout(300);
      client.toServer(TestClient.ack(7));
      client.toServer(TestClient.error(8, "no"));
      assertEquals(0, client.receive().length);
    }
    assertEquals(2, rig.server.counters().get("no-transfer"));
  }

  @Test
  void aTransferIsDeafToOtherClients() throws Exception {
    try (TestClient client = rig.client();
        TestClient other = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      other.socket.setSoTimeout(300);
      other.toServer(TestClient.ack(1));
      assertEquals(0, other.receive().length);
      client.reply(TestClient.ack(1));
      byte[] packet;
      do {
        packet = client.receive();
      } while (packet[3] == 1);
      assertEquals(2, packet[3]);
    }
  }

  @Test
  void thePortIsFreeAfterClosingUnderLoad() throws Exception {
    InetSocketAddress before;
    try (TestClient client = rig.client()) {
      client.toServer(TestClient.request(1, "file", "octet"));
      client.receive();
      before = client.from();
      rig.restart(TftpSettings.Limits.USUAL);
      assertTrue(rig.await("tftp.aborted").detail().startsWith("server closed"));
    }
    assertTrue(before.getPort() > 0);
  }
}
