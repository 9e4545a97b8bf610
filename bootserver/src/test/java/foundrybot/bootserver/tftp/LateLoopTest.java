// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A thread that is held up by others does not take its own lateness for lost packets. */
@Timeout(60)
class LateLoopTest {
  /**
   * So many round trips that the server waits for a client of loopback as short as it ever does.
   */
  private static final int MEASURED = 40;

  @TempDir Path dir;

  @Test
  void whatWaitsInTheSocketIsReadBeforeAnythingIsSentAgain() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch acknowledged = new CountDownLatch(1);
    try (TftpRig rig = new TftpRig(dir, false, 1)) {
      rig.server.close();
      rig.server =
          rig.serve(
              TftpSettings.Limits.USUAL,
              request -> {
                if (request.name().equals("slow")) {
                  held.countDown();
                  await(acknowledged);
                }
                return rig.find(request);
              });
      try (TestClient client = rig.client();
          TestClient other = rig.client()) {
        client.toServer(TestClient.request(1, "file", "octet"));
        List<Integer> blocks = new ArrayList<>();
        for (int i = 0; i < MEASURED; i++) {
          int block = block(client.receive());
          blocks.add(block);
          if (i < MEASURED - 1) {
            client.reply(TestClient.ack(block));
          }
        }
        other.toServer(TestClient.request(1, "slow", "octet"));
        held.await();
        client.reply(TestClient.ack(MEASURED));
        // Much longer than the server waits for a client that has answered at once so far.
        Thread.sleep(10 * TftpSettings.Limits.USUAL.leastTimeout().toMillis());
        acknowledged.countDown();
        blocks.add(block(client.receive()));
        client.reply(TestClient.error(0, "enough"));

        List<Integer> expected = new ArrayList<>();
        for (int i = 1; i <= MEASURED + 1; i++) {
          expected.add(i);
        }
        assertEquals(expected, blocks);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int block(byte[] packet) throws IOException {
    if (packet.length < 4 || packet[1] != 3) {
      throw new IOException("no block: " + packet.length + " bytes");
    }
    return (packet[2] & 0xff) << 8 | (packet[3] & 0xff);
  }
}
