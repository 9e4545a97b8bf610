// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.mesh.CertificateDesk;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.power.BmcDesk;
import foundrybot.appliance.power.Deployments;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import foundrybot.redfish.PowerAction;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Takes a node out of the cluster. First its certificates are revoked, then it is released, by one
 * fact, with which its tokens and its place among the others' peers end; only then its power is
 * cut, which may fail and be tried again.
 */
final class Releases {
  /**
   * What came of it.
   *
   * @param said of the node, for people
   * @param power what its BMC did, for people
   * @param off whether nothing is left to do by hand
   */
  record Released(String name, String said, String power, boolean off) {}

  private final Deployments deployments;
  private final BmcDesk desk;
  private final Optional<CertificateDesk> certificates;
  private final Predicate<Node> hasBmc;

  Releases(
      Deployments deployments,
      BmcDesk desk,
      Optional<CertificateDesk> certificates,
      Predicate<Node> hasBmc) {
    this.deployments = deployments;
    this.desk = desk;
    this.certificates = certificates;
    this.hasBmc = hasBmc;
  }

  /**
   * Releases a node; one that is released already is switched off once more.
   *
   * @param by the operator's name
   * @return answered when it is durable and the BMC has answered, with a {@link Released}; refused
   *     while something goes on with the node, unless {@code force} is {@code yes}, and unless
   *     {@code confirm} is its name
   */
  CompletionStage<HttpAnswer> release(Node node, String by, HttpRequestView request) {
    if (!DeployRoutes.isConfirmed(node, request)) {
      return CompletableFuture.completedStage(
          refusal("confirm: not the name of the node (expected: it once more); nothing was done"));
    }
    return deployments
        .release(node, "by " + by, DeployRoutes.isYes(request, "force"), () -> revoked(node))
        .thenCompose(
            begun ->
                begun.answer() == Begun.Answer.REFUSED
                    ? CompletableFuture.completedStage(refusal(node.name() + ": " + begun.said()))
                    : switchedOff(node, DeployRoutes.isYes(request, "keep-on"))
                        .thenApply(power -> answer(begun, power)));
  }

  private CompletionStage<?> revoked(Node node) {
    return certificates
        .<CompletionStage<?>>map(desk -> desk.revoke(node))
        .orElseGet(() -> CompletableFuture.completedStage(0L));
  }

  private CompletionStage<BmcDesk.Said> switchedOff(Node node, boolean keepOn) {
    if (keepOn) {
      return said(node.name() + ": left on, or off, as it is", true);
    }
    if (!hasBmc.test(node)) {
      return said(node.name() + ": has no BMC; switch it off by hand", true);
    }
    return desk.power(node, PowerAction.OFF);
  }

  private static CompletionStage<BmcDesk.Said> said(String text, boolean done) {
    return CompletableFuture.completedStage(new BmcDesk.Said(done, text, false));
  }

  private static HttpAnswer answer(Begun begun, BmcDesk.Said power) {
    return Answers.json(
        new Released(begun.name(), begun.said(), power.text(), power.done()), "api: released");
  }

  private static HttpAnswer refusal(String why) {
    return Answers.text(422, why + "\n", "api: not released");
  }
}
