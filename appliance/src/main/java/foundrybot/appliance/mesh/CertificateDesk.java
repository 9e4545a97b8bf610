// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.mesh.CertificateRequest;
import foundrybot.answerfiles.mesh.MeshPlan;
import foundrybot.answerfiles.mesh.Planning;
import foundrybot.answerfiles.mesh.RequestReading;
import foundrybot.appliance.mesh.Verdict.Reason;
import foundrybot.appliance.mesh.Verdict.Refused;
import foundrybot.appliance.tls.NodeCertificates;
import foundrybot.appliance.tls.NodeCertificates.Answer;
import foundrybot.appliance.tls.NodeSubject;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Gives nodes of the mesh their certificates. Who asks is proved by the identity that came with the
 * node's token; what the certificate says of it stands in the rack file.
 */
public final class CertificateDesk {
  private final ClusterKey cluster;
  private final NodeCertificates certificates;
  private final Supplier<RackFile> rack;
  private final MeshBook book;
  private final Executor executor;
  private final Freshness freshness;

  /**
   * By that CA.
   *
   * @param rack the rack file in force
   * @param executor where signing is done, which takes a while
   */
  public CertificateDesk(
      ClusterKey cluster,
      NodeCertificates certificates,
      Supplier<RackFile> rack,
      MeshBook book,
      InstantSource clock,
      Executor executor) {
    this.cluster = cluster;
    this.certificates = certificates;
    this.rack = rack;
    this.book = book;
    this.executor = executor;
    this.freshness = new Freshness(clock);
  }

  /** A node asks for its first certificate, or for the next one. */
  public CompletionStage<Certification> certify(Node node, byte[] bytes) {
    return switch (CertificateRequest.decode(bytes)) {
      case RequestReading.Malformed<CertificateRequest>(String why) ->
          CompletableFuture.completedStage(new Refused(Reason.MALFORMED, why));
      case RequestReading.Read<CertificateRequest>(CertificateRequest request) ->
          // The signature last: all else costs nothing.
          cluster
              .stranger(node, request.clusterId(), request.node())
              .or(() -> book.stranger(node, request.identity()))
              .or(() -> freshness.tooFar(request.time()))
              .or(() -> request.isAuthentic() ? Optional.empty() : Optional.of(MeshDesk.FORGED))
              .or(() -> freshness.take(node.mac(), request.time(), request.nonce()))
              .<CompletionStage<Certification>>map(
                  why -> CompletableFuture.completedStage(new Refused(Reason.NOT_AUTHENTIC, why)))
              .orElseGet(
                  () -> CompletableFuture.supplyAsync(() -> signed(node, request), executor));
    };
  }

  private Certification signed(Node node, CertificateRequest request) {
    String identity = request.identity().base64();
    return switch (certificates.sign(node.mac(), identity, subject(node), request.der())) {
      case Answer.Issued(String pem, String serial, Instant until) ->
          new Certification.Certified(pem, serial, until);
      case Answer.Refused(String why) -> new Refused(Reason.CONFLICT, why);
    };
  }

  private NodeSubject subject(Node node) {
    RackFile now = rack.get();
    List<InetAddress> addresses = new ArrayList<>();
    node.address().ifPresent(cidr -> addresses.add(cidr.address()));
    now.mesh()
        .map(settings -> MeshPlan.of(now, settings, book.page().numbers()))
        .filter(Planning.Planned.class::isInstance)
        .map(Planning.Planned.class::cast)
        .ifPresent(planned -> addresses.addAll(planned.plan().addresses(node.mac())));
    return new NodeSubject(
        node.name(), node.role().name(), List.of(node.name(), now.fqdn(node)), addresses);
  }

  /** Makes a node's certificates bad; how many were good. */
  public CompletionStage<Long> revoke(Node node) {
    return CompletableFuture.supplyAsync(() -> certificates.revoke(node.mac()), executor);
  }

  /** The list of what is good no more, as DER (RFC 5280, section 5). */
  public CompletionStage<byte[]> revoked() {
    return CompletableFuture.supplyAsync(
        () -> certificates.revoked(mac -> rack.get().node(mac).isPresent()), executor);
  }
}
