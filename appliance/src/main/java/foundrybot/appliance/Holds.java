// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeHold;
import foundrybot.appliance.power.Deployments;
import foundrybot.bootserver.http.HttpAnswer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Keeps everybody's hands off a node, because an operator says so, and lets it go on. */
final class Holds {
  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final Deployments deployments;

  Holds(Fleet fleet, FlightRecorder recorder, Deployments deployments) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.deployments = deployments;
  }

  /**
   * Holds a node; one that is held already stays as it is.
   *
   * @param by the operator's name
   * @param reason one line, or nothing
   * @return answered when it is durable
   */
  CompletionStage<HttpAnswer> hold(Node node, String by, String reason) {
    String why = reason.strip();
    if (why.length() > NodeHold.MAX_REASON || why.lines().count() > 1) {
      return done(
          Answers.text(
              422,
              "--reason: of "
                  + why.length()
                  + " characters (expected: one line of at most "
                  + NodeHold.MAX_REASON
                  + "); nothing was changed\n",
              "api: not held"));
    }
    Optional<NodeHold> held = fleet.state(node.mac()).hold();
    return held.isPresent()
        ? done(said(node, "already " + held.get().said(), "api: held"))
        : recorder
            .record(node.mac(), FactKind.NODE_HELD.text(), NodeHold.detail(by, why))
            .thenApply(_ -> said(node, "held; 'bootserver resume' lets it go on", "api: held"));
  }

  /**
   * Lets a node go on: what was under way with its power is taken up.
   *
   * @param by the operator's name
   * @return answered when it is durable
   */
  CompletionStage<HttpAnswer> resume(Node node, String by) {
    if (fleet.state(node.mac()).hold().isEmpty()) {
      return done(said(node, "was not held", "api: resumed"));
    }
    return recorder
        .record(node.mac(), FactKind.NODE_RESUMED.text(), by)
        .thenApply(
            _ -> {
              deployments.resume(List.of(node));
              return said(node, "goes on at " + fleet.state(node.mac()).stage(), "api: resumed");
            });
  }

  /**
   * Lets all go on that the appliance itself has stopped; what operators hold stays held.
   *
   * @param by the operator's name
   * @return answered when it is durable, with a line for each
   */
  CompletionStage<HttpAnswer> resumeAll(String by) {
    List<Node> held = fleet.rack().nodes().stream().filter(this::isHeldByAppliance).toList();
    boolean stopped = fleet.brake().since().isPresent();
    StringBuilder said = new StringBuilder(stopped ? "stuck nodes are power-cycled again\n" : "");
    held.forEach(node -> said.append(node.name()).append(": goes on\n"));
    Stream<CompletableFuture<Void>> nodes =
        held.stream().map(node -> recorder.record(node.mac(), FactKind.NODE_RESUMED.text(), by));
    Stream<CompletableFuture<Void>> brake =
        stopped ? Stream.of(recorder.record(FactKind.FLEET_RELEASED.text(), by)) : Stream.empty();
    return CompletableFuture.allOf(Stream.concat(nodes, brake).toArray(CompletableFuture[]::new))
        .thenApply(
            _ -> {
              deployments.resume(held);
              return Answers.text(
                  200,
                  said.isEmpty() ? "nothing was stopped by the appliance\n" : said.toString(),
                  "api: resumed");
            });
  }

  private boolean isHeldByAppliance(Node node) {
    return fleet
        .state(node.mac())
        .hold()
        .filter(hold -> hold.by().equals(NodeHold.APPLIANCE))
        .isPresent();
  }

  private static HttpAnswer said(Node node, String what, String label) {
    return Answers.text(200, node.name() + ": " + what + "\n", label);
  }

  private static CompletionStage<HttpAnswer> done(HttpAnswer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
