// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.lifecycle;

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

  /** Empty: for ever. */
  public Optional<Duration> limit(Stage stage) {
    return Optional.ofNullable(own.get(stage)).or(stage::limit);
  }
}
