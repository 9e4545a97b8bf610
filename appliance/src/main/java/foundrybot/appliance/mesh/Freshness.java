// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees to it that no request counts twice. What is remembered is each node's newest second and the
 * nonces in it; what is older than that, or than the start of this memory, is refused.
 */
final class Freshness {
  /** Seconds that a node's clock may be off. */
  static final int TOLERANCE = 300;

  /** Requests of one node in one second. */
  private static final int MOST = 8;

  private record Second(long time, Set<String> nonces) {}

  private final InstantSource clock;
  private final long begin;
  // At most one entry for each node that has keys.
  private final Map<Mac, Second> newest = new HashMap<>();

  Freshness(InstantSource clock) {
    this.clock = clock;
    // A node's clock may be ahead: what it sent before the restart is not taken after it.
    this.begin = clock.instant().getEpochSecond();
  }

  /** Why a request is not taken, as far as its time goes; changes nothing. */
  Optional<String> tooFar(long time) {
    long off = time - clock.instant().getEpochSecond();
    return Math.abs(off) <= TOLERANCE
        ? Optional.empty()
        : Optional.of(
            "time: the node's clock is "
                + Math.abs(off)
                + " s "
                + (off < 0 ? "behind" : "ahead")
                + " (expected: within "
                + TOLERANCE
                + " s of "
                + Instant.ofEpochSecond(clock.instant().getEpochSecond())
                + ")");
  }

  /** Takes an authentic request; why not, if it is none of now. */
  synchronized Optional<String> take(Mac node, long time, String nonce) {
    Second last = newest.getOrDefault(node, new Second(begin, Set.of()));
    if (time < last.time()) {
      return Optional.of(
          "time: "
              + (last.time() - time)
              + " s before the last request, or before the appliance was started"
              + " (expected: a later one; the node asks again by itself)");
    }
    Set<String> nonces = new HashSet<>(time == last.time() ? last.nonces() : Set.<String>of());
    if (nonces.size() >= MOST || !nonces.add(nonce)) {
      return Optional.of("nonce: this request was heard before (expected: each one once)");
    }
    newest.put(node, new Second(time, nonces));
    return Optional.empty();
  }
}
