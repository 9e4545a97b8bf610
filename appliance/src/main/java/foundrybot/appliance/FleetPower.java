// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.PowerLimits;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.power.PowerLog;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The rack and its journal, as deployments see them. */
record FleetPower(Fleet fleet, FlightRecorder recorder) implements PowerLog {
  @Override
  public Optional<Node> node(Mac mac) {
    return fleet.node(mac);
  }

  @Override
  public NodeState state(Mac mac) {
    return fleet.state(mac);
  }

  @Override
  public Deadlines deadlines(Node node) {
    return fleet.deadlines(node);
  }

  @Override
  public PowerLimits limits() {
    return fleet.rack().power();
  }

  @Override
  public CompletableFuture<Void> record(Mac mac, FactKind kind, String detail) {
    return recorder.record(mac, kind.text(), detail);
  }

  @Override
  public void note(Mac mac, String kind, String detail) {
    recorder.note(mac.toString(), kind, detail);
  }
}
