// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.power;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.PowerLimits;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.RackFiles;
import foundrybot.answerfiles.RackReading;
import foundrybot.appliance.lifecycle.Deadlines;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.NodeState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A rack and its journal in memory. */
final class MemoryLog implements PowerLog {
  private final RackFile rack;
  private final InstantSource clock;
  private final Map<Mac, NodeState> states = new ConcurrentHashMap<>();
  private final List<Fact> facts = new ArrayList<>();
  private volatile Instant listening = Instant.EPOCH;

  /**
   * Of a rack.
   *
   * @param nodes the part {@code nodes} and what may follow it, as YAML
   */
  MemoryLog(InstantSource clock, String nodes) {
    this.clock = clock;
    String yaml =
        """
        cluster: alpha
        domain: alpha.rack
        appliance: { address: 10.77.0.1/24 }
        admin: { user: ops, ssh-keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s t"] }
        """
            .formatted("A".repeat(43));
    if (RackFiles.read(yaml + nodes, "rack.yaml") instanceof RackReading.Valid(RackFile read)) {
      this.rack = read;
    } else {
      throw new IllegalArgumentException(nodes);
    }
  }

  /** As if the appliance had started now. */
  void startsAgain() {
    listening = clock.instant();
  }

  @Override
  public Deadlines deadlines(Node node) {
    return Deadlines.of(node).since(listening);
  }

  List<Node> nodes() {
    return rack.nodes();
  }

  /** What was written of a node: the kinds of facts, or all of their text. */
  synchronized List<String> kinds(Node node) {
    return facts.stream()
        .filter(fact -> fact.mac().equals(node.mac().toString()))
        .map(Fact::kind)
        .toList();
  }

  /** The detail of the last fact of that kind. */
  synchronized String last(Node node, FactKind kind) {
    return facts.stream()
        .filter(f -> f.mac().equals(node.mac().toString()) && f.kind().equals(kind.text()))
        .map(Fact::detail)
        .reduce("", (_, later) -> later);
  }

  @Override
  public Optional<Node> node(Mac mac) {
    return rack.node(mac);
  }

  @Override
  public NodeState state(Mac mac) {
    return states.getOrDefault(mac, NodeState.planned(java.time.Instant.EPOCH));
  }

  @Override
  public PowerLimits limits() {
    return rack.power();
  }

  @Override
  public CompletableFuture<Void> record(Mac mac, FactKind kind, String detail) {
    note(mac, kind.text(), detail);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void note(Mac mac, String kind, String detail) {
    Fact fact = new Fact(clock.instant(), mac.toString(), kind, detail);
    facts.add(fact);
    states.put(mac, state(mac).after(fact));
  }
}
