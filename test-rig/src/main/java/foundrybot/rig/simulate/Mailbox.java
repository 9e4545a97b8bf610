// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Packets that have arrived for a machine, which waits for them. */
final class Mailbox {
  private final VirtualTime time;
  private final Deque<byte[]> packets = new ArrayDeque<>();
  private Optional<Runnable> waker = Optional.empty();

  Mailbox(VirtualTime time) {
    this.time = time;
  }

  void put(byte[] packet) {
    packets.add(packet);
    waker.ifPresent(Runnable::run);
    waker = Optional.empty();
  }

  /** The next one; empty if none has come until then. */
  Optional<byte[]> take(Duration until) throws InterruptedException {
    Strand strand = Strand.current().orElseThrow();
    Duration left = until.minus(time.passed());
    if (packets.isEmpty() && left.isPositive()) {
      waker = Optional.of(strand.waker());
      strand.sleep(left);
      waker = Optional.empty();
    }
    return Optional.ofNullable(packets.poll());
  }
}
