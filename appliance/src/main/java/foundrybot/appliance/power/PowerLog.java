// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.PowerLimits;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What deployments know of the rack, and where they write down what they do. */
public interface PowerLog {
  /** A node of the rack file in force. */
  Optional<Node> node(Mac mac);

  NodeState state(Mac mac);

  /** How long a node may be silent, and since when it can be heard. */
  Deadlines deadlines(Node node);

  /** Of the rack file in force. */
  PowerLimits limits();

  /** Writes a fact; completes when it is durable and {@link #state} knows it. */
  CompletableFuture<Void> record(Mac mac, FactKind kind, String detail);

  /** Writes evidence that nobody waits for. */
  void note(Mac mac, String kind, String detail);
}
