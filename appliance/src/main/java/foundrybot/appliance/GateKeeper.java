// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.NodeCheck;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.mesh.GateReport.Outcome;
import foundrybot.appliance.lifecycle.GateKind;
import foundrybot.appliance.mesh.GateDesk;
import foundrybot.appliance.mesh.GateReading;
import foundrybot.appliance.phases.PhaseState;
import foundrybot.appliance.phases.Phases;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * Writes down what nodes prove of themselves, and tells them whether their phase is open. A check
 * that does as before is remembered and costs no fact, and one that changes all the time a few a
 * minute; so the journal has changes only, and not too many.
 */
final class GateKeeper {
  private final GateDesk desk;
  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final InstantSource clock;

  GateKeeper(GateDesk desk, Fleet fleet, FlightRecorder recorder, InstantSource clock) {
    this.desk = desk;
    this.fleet = fleet;
    this.recorder = recorder;
    this.clock = clock;
  }

  GateReading hear(Node node, byte[] body) {
    return desk.hear(node, body);
  }

  /**
   * Takes what a node has proved; names of checks that it has not are passed over, as the rack file
   * may have changed since its installation.
   *
   * @return the answer for the node, when all of it is durable
   */
  CompletionStage<String> taken(Node node, List<Outcome> outcomes) {
    RackFile rack = fleet.rack();
    Set<String> known =
        rack.checksOf(node).stream().map(NodeCheck::name).collect(Collectors.toSet());
    CompletableFuture<?>[] facts =
        outcomes.stream()
            .filter(outcome -> known.contains(outcome.check()))
            .map(outcome -> taken(node.mac(), outcome))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(facts).thenApply(_ -> answer(node));
  }

  private CompletableFuture<Void> taken(Mac mac, Outcome outcome) {
    GateKind kind = outcome.passed() ? GateKind.PASSED : GateKind.FAILED;
    return fleet
        .gates()
        .news(
            mac,
            outcome.check(),
            outcome.passed(),
            outcome.words(),
            clock.instant(),
            fleet.state(mac).since())
        .map(words -> (outcome.check() + " " + words).strip())
        .map(detail -> recorder.record(mac, kind.text(), detail))
        .orElseGet(() -> CompletableFuture.completedFuture(null));
  }

  private String answer(Node node) {
    Optional<PhaseState> closed =
        Phases.before(
            fleet.rack(),
            node,
            fleet::state,
            fleet.gates()::of,
            fleet.listening(),
            clock.instant());
    return closed
        .map(
            phase ->
                "closed\nphase %d %s: %d of %d ready, needs %d\n"
                    .formatted(
                        phase.number(), phase.name(), phase.ready(), phase.of(), phase.need()))
        .orElse("open\n");
  }
}
