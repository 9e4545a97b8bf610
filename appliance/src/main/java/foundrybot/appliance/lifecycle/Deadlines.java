// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.Profile;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * How long a node may show no progress at a stage: what the rack file says of it, and else the
 * stage's own limit.
 *
 * @param listening since when nodes can be heard; silence before that is nobody's
 */
public record Deadlines(Map<Stage, Duration> own, Instant listening) {
  /** Of a node of which the rack file says nothing, and that could always be heard. */
  public static final Deadlines USUAL = new Deadlines(Map.of(), Instant.EPOCH);

  public Deadlines {
    own = Map.copyOf(own);
  }

  /** An image is streamed, and each step of its installation told: silence comes sooner. */
  static final Duration CAST = Duration.ofMinutes(15);

  /** As the rack file has them, and else as long as what installs the node may be silent. */
  public static Deadlines of(Node node) {
    Deadlines own = of(node.deadlines());
    if (node.profile().kind() != Profile.Kind.CAST || own.own().containsKey(Stage.INSTALLING)) {
      return own;
    }
    Map<Stage, Duration> more = new EnumMap<>(Stage.class);
    more.putAll(own.own());
    more.put(Stage.INSTALLING, CAST);
    return new Deadlines(more, Instant.EPOCH);
  }

  /** As the rack file has them, by the name of a stage; a stage at which nobody waits has none. */
  public static Deadlines of(Map<String, Duration> byName) {
    if (byName.isEmpty()) {
      return USUAL;
    }
    Map<Stage, Duration> own = new EnumMap<>(Stage.class);
    Arrays.stream(Stage.values())
        .filter(stage -> stage.limit().isPresent() && byName.containsKey(stage.toString()))
        .forEach(stage -> own.put(stage, byName.get(stage.toString())));
    return new Deadlines(own, Instant.EPOCH);
  }

  /** The same, where nobody could be heard before. */
  public Deadlines since(Instant start) {
    return new Deadlines(own, start);
  }

  /** When a node is silent for too long that showed progress last at that time. */
  Optional<Instant> of(Stage stage, Instant progressAt) {
    return limit(stage).map((progressAt.isAfter(listening) ? progressAt : listening)::plus);
  }

  /**
   * How long who has a token may show no progress at that stage until the token is dead: never so
   * short that a node is given time by the rack file and not heard in it.
   */
  public Duration window(Stage stage) {
    return limit(stage)
        .filter(limit -> limit.compareTo(PowerRun.WINDOW) > 0)
        .orElse(PowerRun.WINDOW);
  }

  /** Empty: for ever. */
  public Optional<Duration> limit(Stage stage) {
    return Optional.ofNullable(own.get(stage)).or(stage::limit);
  }
}
