// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.power.Begun;
import foundrybot.appliance.power.Deployments;
import foundrybot.bootserver.http.HttpAnswer;
import foundrybot.bootserver.http.HttpRequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/** What the operator's command line asks to have switched on. */
final class DeployRoutes {

  private final Fleet fleet;
  private final Deployments deployments;
  private final Executor blocking;

  DeployRoutes(Fleet fleet, Deployments deployments, Executor blocking) {
    this.fleet = fleet;
    this.deployments = deployments;
    this.blocking = blocking;
  }

  /**
   * Begins with the nodes whose names are in the body, a line each; without any, with all of the
   * {@code role}, or all. Nothing is begun if one of them is unknown.
   *
   * @return answered when what was begun is durable; a list of {@link Begun}
   */
  CompletionStage<HttpAnswer> deploy(HttpRequestView request) {
    List<String> names = request.text().lines().filter(line -> !line.isBlank()).toList();
    Optional<String> role = request.parameter("role");
    List<Node> nodes = new ArrayList<>();
    for (String name : names) {
      Optional<Node> node = fleet.nodeNamed(name);
      if (node.isEmpty()) {
        return refused(
            "node: "
                + name
                + ": not in the rack file that the appliance serves (expected: a name in the first"
                + " column of 'bootserver status'); nothing was begun");
      }
      nodes.add(node.get());
    }
    if (names.isEmpty()) {
      nodes.addAll(fleet.rack().nodes());
    }
    List<Node> distinct =
        nodes.stream()
            .distinct()
            .filter(node -> role.isEmpty() || node.role().name().equals(role.get()))
            .toList();
    if (distinct.isEmpty()) {
      return refused(nobody(role.orElse(""), names.isEmpty() ? List.of() : nodes));
    }
    // Off the event loop: it looks at each node of what may be a large rack.
    return CompletableFuture.completedFuture(distinct)
        .thenComposeAsync(chosen -> deployments.deploy(chosen, isByHand(request)), blocking)
        .thenApply(begun -> Answers.json(begun, "api: deploy"));
  }

  /** Why a role left nobody of those that were named, or of all if none was. */
  private String nobody(String role, List<Node> named) {
    if (!named.isEmpty()) {
      String roles =
          named.stream()
              .distinct()
              .map(node -> node.name() + " is " + node.role().name())
              .collect(Collectors.joining(", "));
      return "--role: "
          + role
          + ": contradicts the names: "
          + roles
          + " (expected: the names or the role alone, or a role of theirs); nothing was begun";
    }
    String roles =
        fleet.rack().nodes().stream()
            .map(node -> node.role().name())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return "--role: "
        + role
        + ": no node has it (expected: one of "
        + roles
        + "); nothing was begun";
  }

  /** Begins a new run of the node; answered with one {@link Begun}. */
  CompletionStage<HttpAnswer> reinstall(Node node, HttpRequestView request) {
    return deployments
        .reinstall(node, isByHand(request))
        .thenApply(begun -> Answers.json(begun, "api: reinstall"));
  }

  private static boolean isByHand(HttpRequestView request) {
    return request.parameter("by-hand").filter("yes"::equals).isPresent();
  }

  private static CompletionStage<HttpAnswer> refused(String why) {
    return CompletableFuture.completedStage(Answers.text(422, why + "\n", "api: deploy refused"));
  }
}
