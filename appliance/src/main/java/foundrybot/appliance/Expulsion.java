// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.FactKind;
import foundrybot.appliance.lifecycle.MeshKind;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.mesh.MeshBook;
import foundrybot.appliance.mesh.MeshLog;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a quarantined node out of the mesh. Two machines have had its token, so the keys that the
 * mesh knows may be the wrong one's: its certificates are revoked, its peers are told of it no
 * more, and it is known again by the keys of its next run. What a kill interrupts is done at the
 * next start.
 */
final class Expulsion {
  private static final Logger LOG = LoggerFactory.getLogger(Expulsion.class);

  private final Fleet fleet;
  private final MeshBook book;
  private final MeshLog log;
  private final Optional<CertificateDesk> certificates;
  private final Set<Mac> underWay = ConcurrentHashMap.newKeySet();

  Expulsion(Fleet fleet, MeshBook book, MeshLog log, Optional<CertificateDesk> certificates) {
    this.fleet = fleet;
    this.book = book;
    this.log = log;
    this.certificates = certificates;
  }

  /** Looks at all nodes, as after a start. */
  void begin() {
    fleet.rack().nodes().forEach(node -> look(node.mac()));
  }

  /** A fact that fleet and mesh know of. */
  void heard(Fact fact) {
    // Evidence that moves nobody is most of what is heard, and quarantines nobody.
    if (FactKind.of(fact.kind()).isPresent() || MeshBook.KINDS.contains(fact.kind())) {
      Mac.parse(fact.mac()).ifPresent(this::look);
    }
  }

  private void look(Mac mac) {
    Optional<Node> node =
        fleet
            .node(mac)
            .filter(_ -> book.knows(mac))
            .filter(_ -> fleet.state(mac).quarantine().isPresent());
    if (node.isPresent() && underWay.add(mac)) {
      expel(node.get());
    }
  }

  /** The certificates first: as long as the keys are known, there is something left to be done. */
  private void expel(Node node) {
    CompletionStage<Long> revoked =
        certificates
            .map(desk -> desk.revoke(node))
            .orElseGet(() -> CompletableFuture.completedStage(0L));
    revoked
        .thenCompose(
            _ -> log.record(Optional.of(node.mac()), MeshKind.KEYS.text(), MeshBook.NO_KEYS))
        .whenComplete(
            (_, problem) -> {
              underWay.remove(node.mac());
              if (problem != null) {
                LOG.error("{}: cannot be taken out of the mesh: {}", node.name(), problem, problem);
              }
            });
  }
}
