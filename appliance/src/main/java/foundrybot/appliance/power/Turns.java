// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Node;
import foundrybot.redfish.WakeOnLan;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Whose turn it is: one command at a time for each BMC, with a gap behind it, as small processors
 * need one, and only so many BMCs at once.
 */
final class Turns {
  /** One BMC; the machines of a chassis share it. */
  private static final class Line {
    private final ReentrantLock lock = new ReentrantLock(true);
    private Instant next = Instant.EPOCH;
  }

  // At most one for each BMC of the rack file.
  private final Map<String, Line> lines = new ConcurrentHashMap<>();
  private final Places places;
  private final Duration gap;
  private final InstantSource clock;
  private final WakeOnLan.Pause pause;
  private final Function<Node, Optional<URI>> urls;

  /**
   * Everybody's.
   *
   * @param urls where a node's BMC is
   */
  Turns(
      Places places,
      Duration gap,
      InstantSource clock,
      WakeOnLan.Pause pause,
      Function<Node, Optional<URI>> urls) {
    this.urls = urls;
    this.places = places;
    this.gap = gap;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Says one thing to a node's BMC when it is its turn.
   *
   * @throws InterruptedException if the appliance ends, also during the command, whose outcome then
   *     says nothing of the BMC
   */
  <T> T say(Node node, Supplier<T> command) throws InterruptedException {
    Line line = lines.computeIfAbsent(bmc(node), _ -> new Line());
    line.lock.lockInterruptibly();
    try {
      Duration wait = Duration.between(clock.instant(), line.next);
      if (wait.isPositive()) {
        pause.pause(wait);
      }
      try (Places.Lease _ = places.take()) {
        T answer = command.get();
        if (Thread.interrupted()) {
          throw new InterruptedException("the appliance ends");
        }
        return answer;
      } finally {
        line.next = clock.instant().plus(gap);
      }
    } finally {
      line.lock.unlock();
    }
  }

  /** What is one BMC: a host and port; a magic packet goes to each machine alone. */
  private String bmc(Node node) {
    URI url = urls.apply(node).orElseGet(() -> URI.create("none:/"));
    boolean shared = url.getRawAuthority() != null && !"wol".equals(url.getScheme());
    return shared ? url.getRawAuthority() : node.mac().toString();
  }
}
