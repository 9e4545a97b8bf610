// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Identity;
import foundrybot.appliance.lifecycle.NodeState;
import foundrybot.appliance.lifecycle.RunToken;
import foundrybot.bootserver.BootClient;
import foundrybot.bootserver.BootDecision;
import foundrybot.bootserver.BootPolicy;
import java.net.Inet4Address;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says whether a machine is the one that its BMC holds. It hears by which UUID each machine asks to
 * boot, on the way to the policy that decides what it gets, and changes nothing of that.
 *
 * <p>The last word counts: who has posed as the machine is forgotten when it asks itself.
 */
final class Identities implements BootPolicy {
  private final Fleet fleet;
  private final FlightRecorder recorder;
  private final BootPolicy policy;

  // Ahead of the journal by some milliseconds, in which a script may be asked for. Only machines of
  // the rack file: bounded by it.
  private final Map<Mac, UUID> booting = new ConcurrentHashMap<>();

  Identities(Fleet fleet, FlightRecorder recorder, BootPolicy policy) {
    this.fleet = fleet;
    this.recorder = recorder;
    this.policy = policy;
  }

  @Override
  public BootDecision decide(BootClient client, Inet4Address self) {
    client.uuid().ifPresent(uuid -> hear(Answers.mac(client.mac()), uuid));
    return policy.decide(client, self);
  }

  private void hear(Mac mac, UUID uuid) {
    if (fleet.node(mac).isEmpty() || uuid.equals(booting.put(mac, uuid))) {
      return;
    }
    if (!fleet.state(mac).identity().isBooting(uuid)) {
      recorder.noteIdentity(mac, uuid);
    }
  }

  /**
   * Why who shows that token of a node is given no secret; empty if nothing speaks against it. A
   * token in use belongs to the machine that booted when it came into use.
   */
  Optional<Identity.Mismatch> mismatch(Node node, NodeState state, RunToken token) {
    return token.used() ? state.mismatchOfHolder() : mismatch(node, state);
  }

  /** Why a node is given no token; empty if nothing speaks against it. */
  Optional<Identity.Mismatch> mismatch(Node node, NodeState state) {
    UUID latest = booting.get(node.mac());
    return latest == null || state.isComplete()
        ? state.mismatch()
        : state.identity().booting(node.mac().toString(), latest).mismatch();
  }
}
