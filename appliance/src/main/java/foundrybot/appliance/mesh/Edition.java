// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.mesh;

import foundrybot.answerfiles.Mac;
import foundrybot.answerfiles.Node;
import foundrybot.answerfiles.RackFile;
import foundrybot.answerfiles.mesh.Bundle;
import foundrybot.answerfiles.mesh.Member;
import foundrybot.answerfiles.mesh.MeshPlan;
import foundrybot.answerfiles.mesh.SignedBundle;
import java.util.Optional;

/**
 * All bundles of one serial, made when they are asked for.
 *
 * @param rack from which it was planned
 * @param page what was known then
 * @param body the mesh, or why there is none
 */
record Edition(RackFile rack, MeshBook.Page page, Body body) {
  sealed interface Body {
    record Open(MeshPlan plan, long serial) implements Body {}

    record Closed(String why) implements Body {}
  }

  /** Who signs and vouches. */
  record Issuer(ClusterKey cluster, Optional<Bundle.Der> authority, PresharedSecret secret) {}

  @SuppressWarnings("ReferenceEquality") // equal is not enough to be fast: a rack is large
  boolean isOf(RackFile nowInForce, long version) {
    return rack == nowInForce && page.version() == version;
  }

  /**
   * Whether a node that has a bundle of that serial has what it would get; without making it, as
   * each node asks each minute, and one bundle of a large rack is many thousand lines that are read
   * again before they are signed.
   */
  boolean isNewest(Node node, long serial) {
    return body instanceof Body.Open(MeshPlan plan, long newest)
        && newest == serial
        && plan.member(node.mac()).isPresent();
  }

  /** The bundle of a node. */
  Verdict bundle(Node node, Issuer issuer) {
    return switch (body) {
      case Body.Closed(String why) -> new Verdict.Refused(Verdict.Reason.CLOSED, why);
      case Body.Open(MeshPlan plan, long serial) ->
          plan.member(node.mac())
              .<Verdict>map(
                  member -> new Verdict.Given(signed(plan, member, serial, issuer), serial))
              .orElseGet(
                  () ->
                      new Verdict.Refused(
                          Verdict.Reason.CLOSED,
                          node.name() + ": in no plane of the mesh (see mesh.planes.*.roles)"));
    };
  }

  private byte[] signed(MeshPlan plan, Member member, long serial, Issuer issuer) {
    Bundle bundle =
        new Bundle(
            rack.cluster(),
            issuer.cluster().id(),
            member.node().name(),
            member.node().mac(),
            serial,
            page.rotation(member.node().mac()),
            issuer.cluster().signer().publicPart(),
            issuer.authority(),
            plan.nodeMesh(
                member,
                (mac, plane) ->
                    Optional.ofNullable(page.keys().get(mac))
                        .flatMap(keys -> Optional.ofNullable(keys.keys().get(plane))),
                (plane, one, other) ->
                    issuer
                        .secret()
                        .between(plane, one, rotationOf(one), other, rotationOf(other))));
    return SignedBundle.sign(bundle, issuer.cluster().signer());
  }

  private int rotationOf(Mac mac) {
    MeshKeys keys = page.keys().get(mac);
    return keys == null ? 0 : keys.rotation();
  }

  /** Everything that stands in any bundle but the serial, in short. */
  static String digest(RackFile rack, MeshPlan plan, MeshBook.Page page, Issuer issuer) {
    StringBuilder text =
        new StringBuilder(rack.cluster() + "\n" + issuer.cluster().id() + "\n")
            .append(issuer.authority().map(Bundle.Der::base64).orElse("-"))
            .append('\n')
            .append(plan.settings())
            .append('\n');
    if (plan.settings().preshared()) {
      text.append(issuer.secret().fingerprint()).append('\n');
    }
    for (Member member : plan.members()) {
      Node node = member.node();
      MeshKeys keys = page.keys().get(node.mac());
      text.append(node.mac() + " " + node.name() + " " + node.role().name() + " " + member.number())
          .append(" " + node.meshEndpoint() + " " + page.rotation(node.mac()))
          .append(" " + (keys == null ? "-" : keys.detail()) + "\n");
    }
    return ClusterKey.sha256(text.toString());
  }
}
