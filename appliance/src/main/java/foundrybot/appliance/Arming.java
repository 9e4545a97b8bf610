// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.PowerRun;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** Opens a node's window because the operator says so, for a time that it says. */
final class Arming {
  /** Long enough for a shift that puts machines into a rack. */
  static final Duration LONGEST = Duration.ofHours(12);

  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Pattern SECONDS = Pattern.compile("[1-9][0-9]{0,5}");

  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final TokenDesk desk;
  private final InstantSource clock;

  Arming(Fleet fleet, FlightRecorder recorder, TokenDesk desk, InstantSource clock) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.desk = desk;
    this.clock = clock;
  }

  /** For how long a request wants it; empty if it names no whole number of seconds. */
  static Optional<Duration> time(HttpRequestView request) {
    return request
        .parameter("for")
        .filter(SECONDS.asMatchPredicate())
        .map(Long::parseLong)
        .map(Duration::ofSeconds);
  }

  /**
   * Lets a node in for the seconds that {@code for} says; who is armed already is from now on.
   *
   * @return answered when it is durable
   */
  CompletionStage<HttpAnswer> arm(Node node, HttpRequestView request) {
    Optional<Duration> time =
        time(request).filter(span -> span.compareTo(SHORTEST) >= 0 && span.compareTo(LONGEST) <= 0);
    if (time.isEmpty()) {
      return refused("--for: none, or out of range (expected: 1m to 12h)");
    }
    Optional<String> needless = needless(node, fleet.state(node.mac()));
    if (needless.isPresent()) {
      return refused(node.name() + ": " + needless.get() + "; nothing was changed");
    }
    Instant until = clock.instant().plus(time.get());
    return recorder
        .record(node.mac(), FactKind.WINDOW_ARMED.text(), PowerRun.armedDetail(until))
        .thenApply(
            _ ->
                Answers.text(
                    200,
                    node.name()
                        + ": armed until "
                        + until.truncatedTo(ChronoUnit.SECONDS)
                        + "; start it now, from the network\n",
                    "api: armed"));
  }

  private Optional<String> needless(Node node, NodeState state) {
    if (state.isInRescue()) {
      return Optional.of("in rescue, which needs no arming (expected: 'rescue --end' before)");
    }
    if (state.isComplete()) {
      return Optional.of(
          "has a finished disk, and has enrolled (expected: 'bootserver reinstall --by-hand "
              + node.name()
              + "' to install it anew)");
    }
    if (state.bootsFromDisk()) {
      return state.isHeard(clock.instant(), fleet.deafness(), fleet.deadlines(node))
          ? Optional.of("has a finished disk, and is heard when it comes (expected: nothing more)")
          : Optional.empty();
    }
    return desk.isAlwaysOpen(node)
        ? Optional.of(
            "has no BMC and is let in at any time (expected: no appliance.accept: auto in the rack"
                + " file, where that is not wanted)")
        : Optional.empty();
  }

  private static CompletionStage<HttpAnswer> refused(String why) {
    return CompletableFuture.completedStage(Answers.text(422, why + "\n", "api: not armed"));
  }
}
