// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathMtuTest {
  private static final InetAddress NEAR = InetAddress.ofLiteral("10.77.0.5");
  private static final InetAddress FAR = InetAddress.ofLiteral("10.88.0.5");

  private final Map<InetAddress, Integer> kernel = new HashMap<>(Map.of(NEAR, 1500, FAR, 1400));
  private final List<InetAddress> asked = new ArrayList<>();
  private final PathMtu paths =
      new PathMtu(
          client -> {
            asked.add(client);
            return kernel.getOrDefault(client, 1500);
          });

  @Test
  void aBlockAndItsHeadersFillAPacketOfThePath() {
    assertEquals(1468, paths.blockSize(NEAR, 0));
    assertEquals(1368, paths.blockSize(FAR, 0));
  }

  @ParameterizedTest
  @CsvSource({"68, 512", "576, 544", "9000, 8968", "65536, 65504"})
  void aPathOfAnyWidthHasABlock(int mtu, int block) {
    kernel.put(NEAR, mtu);
    assertEquals(block, paths.blockSize(NEAR, 0));
  }

  @Test
  void whatTheKernelHasLearnedIsAskedAnewEachMinute() {
    paths.blockSize(NEAR, 0);
    kernel.put(NEAR, 1280);
    assertEquals(1468, paths.blockSize(NEAR, seconds(59)));
    assertEquals(1248, paths.blockSize(NEAR, seconds(60)));
    assertEquals(2, asked.size());
  }

  @Test
  void whereBlocksAreSwallowedTheNextOnesAreSmallerForTenMinutes() {
    assertEquals(1468, paths.blockSize(NEAR, 0));
    paths.swallowed(NEAR, 1468, seconds(1));
    assertEquals(1368, paths.blockSize(NEAR, seconds(2)));
    paths.swallowed(NEAR, 1368, seconds(3));
    assertEquals(512, paths.blockSize(NEAR, seconds(4)));
    paths.swallowed(NEAR, 512, seconds(5));
    assertEquals(512, paths.blockSize(NEAR, seconds(6)));
    assertEquals(512, paths.blockSize(NEAR, seconds(500)));
    assertEquals(1468, paths.blockSize(NEAR, seconds(604)));
    assertEquals(1368, paths.blockSize(FAR, seconds(6)), "of others nothing is believed");
  }

  @Test
  void aMillionClientsCostNoMoreThanFourThousand() {
    for (int i = 0; i < 100_000; i++) {
      byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      try {
        paths.blockSize(InetAddress.getByAddress(address), 0);
      } catch (java.net.UnknownHostException e) {
        throw new IllegalStateException(e);
      }
    }
    int before = asked.size();
    paths.blockSize(InetAddress.ofLiteral("10.0.0.0"), 0);
    assertEquals(before + 1, asked.size(), "the first is forgotten");
  }

  @Test
  void theKernelTellsTheLoopbackInterfacesMtu() throws Exception {
    InetAddress own = InetAddress.ofLiteral("127.0.0.1");
    int mtu = java.net.NetworkInterface.getByInetAddress(own).getMTU();
    assertTrue(mtu >= 1500, "MTU " + mtu);
    // Linux gives an IPv4 path at most 65535.
    assertEquals(Math.min(mtu, 65535), new KernelMtu(own, Epoll.isAvailable()).applyAsInt(own), 1);
    assertEquals(mtu, new KernelMtu(own, false).applyAsInt(own));
  }

  private static long seconds(int number) {
    return TimeUnit.SECONDS.toNanos(number);
  }
}
