// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.mesh.GateReport;
import foundrybot.answerfiles.mesh.RequestReading;
import foundrybot.appliance.mesh.Verdict.Reason;
import foundrybot.appliance.mesh.Verdict.Refused;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Hears what nodes say of their checks. Who speaks is proved by the identity that came with the
 * node's token, so each can speak of itself alone.
 */
public final class GateDesk {
  private final ClusterKey cluster;
  private final MeshBook book;
  private final Freshness freshness;

  /** Of the nodes of that cluster. */
  public GateDesk(ClusterKey cluster, MeshBook book, InstantSource clock) {
    this.cluster = cluster;
    this.book = book;
    this.freshness = new Freshness(clock);
  }

  /** A report in the name of that node. */
  public GateReading hear(Node node, byte[] bytes) {
    return switch (GateReport.decode(bytes)) {
      case RequestReading.Malformed<GateReport>(String why) -> new Refused(Reason.MALFORMED, why);
      case RequestReading.Read<GateReport>(GateReport report) ->
          // The signature last: all else costs nothing.
          cluster
              .stranger(node, report.clusterId(), report.node())
              .or(() -> book.stranger(node, report.identity()))
              .or(() -> freshness.tooFar(report.time()))
              .or(() -> report.isAuthentic() ? Optional.empty() : Optional.of(MeshDesk.FORGED))
              .or(() -> freshness.take(node.mac(), report.time(), report.nonce()))
              .<GateReading>map(why -> new Refused(Reason.NOT_AUTHENTIC, why))
              .orElseGet(() -> new GateReading.Heard(report.outcomes()));
    };
  }
}
