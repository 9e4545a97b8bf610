// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.tftp;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * How large a block may be on the way to a client: the path's MTU less the headers of IPv4, UDP and
 * TFTP, so that no block is cut into fragments, which boot ROMs often cannot put together.
 *
 * <p>What the kernel knows of the way is asked anew each minute. Where something on the way
 * swallows large packets without an ICMP message (an overlay network, a firewall), nobody knows:
 * then the client's next try gets smaller blocks.
 */
final class PathMtu {
  static final int HEADERS = 32;

  /** What overlay networks leave of an Ethernet frame, and what everything carries. */
  private static final int[] NARROWER = {1400 - HEADERS, 512};

  private static final int LEAST = 512;
  private static final int MAX_CLIENTS = 4096;
  private static final long FRESH = TimeUnit.MINUTES.toNanos(1);
  private static final long SUSPICION = TimeUnit.MINUTES.toNanos(10);

  private record Known(int blockSize, long askedAt, int suspected, long suspectedAt) {}

  private final ToIntFunction<InetAddress> kernel;
  private final Map<InetAddress, Known> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Known> eldest) {
          return size() > MAX_CLIENTS;
        }
      };

  /**
   * Knows nothing yet.
   *
   * @param kernel the MTU to an address in bytes, as far as it is known here
   */
  PathMtu(ToIntFunction<InetAddress> kernel) {
    this.kernel = kernel;
  }

  /** The largest block for that client in bytes; {@code now} in nanoseconds. */
  int blockSize(InetAddress client, long now) {
    Known known = clients.get(client);
    if (known == null || now - known.askedAt() >= FRESH) {
      int suspected = known == null ? Integer.MAX_VALUE : known.suspected();
      long suspectedAt = known == null ? now : known.suspectedAt();
      int asked = Math.max(LEAST, kernel.applyAsInt(client) - HEADERS);
      known = new Known(asked, now, suspected, suspectedAt);
      clients.put(client, known);
    }
    boolean suspicious = now - known.suspectedAt() < SUSPICION;
    return suspicious ? Math.min(known.blockSize(), known.suspected()) : known.blockSize();
  }

  /** Blocks of that many bytes do not get through to the client. */
  void swallowed(InetAddress client, int blockSize, long now) {
    int asked = blockSize(client, now);
    for (int narrower : NARROWER) {
      if (narrower < blockSize) {
        clients.put(client, new Known(asked, now, narrower, now));
        return;
      }
    }
  }
}
