// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Node;
import foundrybot.appliance.lifecycle.EraseOrder;
import foundrybot.appliance.lifecycle.Purpose;
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
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the operator's command line asks to have switched on. */
final class DeployRoutes {

  /** Names of disks; a dozen of any length that there is. */
  static final Pattern DISKS =
      Pattern.compile("^[A-Za-z0-9][A-Za-z0-9!._-]{0,39}(,[A-Za-z0-9][A-Za-z0-9!._-]{0,39}){0,9}$");

  private final Fleet fleet;
  private final Deployments deployments;
  private final ArtifactLibrary artifacts;
  private final Executor blocking;

  DeployRoutes(Fleet fleet, Deployments deployments, ArtifactLibrary artifacts, Executor blocking) {
    this.fleet = fleet;
    this.deployments = deployments;
    this.artifacts = artifacts;
    this.blocking = blocking;
  }

  /**
   * Begins with the nodes whose names are in the body, a line each; without any, with all of the
   * {@code role}, or all. Nothing is begun if one of them is unknown.
   *
   * @param told gets what was begun, before the answer is given
   * @return answered when what was begun is durable; a list of {@link Begun}
   */
  CompletionStage<HttpAnswer> deploy(
      HttpRequestView request, Function<List<Begun>, CompletionStage<?>> told) {
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
      // Who was released comes back by its name only.
      fleet.rack().nodes().stream()
          .filter(node -> !fleet.state(node.mac()).isReleased())
          .forEach(nodes::add);
    }
    List<Node> distinct =
        nodes.stream().distinct().filter(node -> role.isEmpty() || isOf(node, role.get())).toList();
    if (distinct.isEmpty()) {
      return refused(nobody(role.orElse(""), names.isEmpty() ? List.of() : nodes));
    }
    // Off the event loop: it looks at each node of what may be a large rack.
    return CompletableFuture.completedFuture(distinct)
        .thenComposeAsync(chosen -> deployments.deploy(chosen, isByHand(request)), blocking)
        .thenCompose(begun -> told.apply(begun).thenApply(_ -> Answers.json(begun, "api: deploy")));
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
    if (fleet.rack().nodes().stream().anyMatch(node -> role.isEmpty() || isOf(node, role))) {
      return "NODE: none (expected: names, as all "
          + (role.isEmpty() ? "" : "of " + role + " ")
          + "are released); nothing was begun";
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

  private static boolean isOf(Node node, String role) {
    return node.role().name().equals(role);
  }

  /** Begins a new run of the node; answered with one {@link Begun}. */
  CompletionStage<HttpAnswer> reinstall(Node node, HttpRequestView request) {
    return answer(deployments.reinstall(node, isByHand(request)));
  }

  /**
   * Puts the node into rescue; answered with one {@link Begun}. Refused where there is nothing to
   * boot for that, or an installation is under way and {@code force} is not {@code yes}.
   */
  CompletionStage<HttpAnswer> rescue(Node node, HttpRequestView request) {
    return aside(node, Purpose.RESCUE, request);
  }

  /** Has the node say what it is made of; refused and answered as {@link #rescue}. */
  CompletionStage<HttpAnswer> inspect(Node node, HttpRequestView request) {
    return aside(node, Purpose.INSPECT, request);
  }

  /**
   * Has the node's disks overwritten; refused and answered as {@link #rescue}, and unless {@code
   * confirm} is the node's name.
   */
  CompletionStage<HttpAnswer> erase(Node node, HttpRequestView request) {
    Optional<String> disks = request.parameter("disks");
    if (!isConfirmed(node, request)) {
      return refused(
          "confirm: not the name of the node (expected: it once more); nothing was begun");
    }
    if (disks.isPresent() && !DISKS.matcher(disks.get()).matches()) {
      return refused(
          "disks: unreadable (expected: names of the kernel with a comma between, such as"
              + " sda,nvme0n1); nothing was begun");
    }
    String order =
        EraseOrder.detail(
            disks.map(text -> List.of(text.split(",", -1))).orElse(List.of()),
            isYes(request, "quick"));
    return aside(node, Purpose.ERASE, order + "; ", request);
  }

  private CompletionStage<HttpAnswer> aside(Node node, Purpose purpose, HttpRequestView request) {
    return aside(node, purpose, "", request);
  }

  private CompletionStage<HttpAnswer> aside(
      Node node, Purpose purpose, String wish, HttpRequestView request) {
    boolean force = isYes(request, "force");
    boolean byHand = isByHand(request);
    // Off the event loop: it may read an image that was built a moment ago.
    return CompletableFuture.supplyAsync(() -> artifacts.missingFor(node, purpose), blocking)
        .thenCompose(
            missing ->
                missing
                    .map(why -> refused(node.name() + ": " + why))
                    .orElseGet(
                        () -> answer(deployments.aside(node, purpose, wish, byHand, force))));
  }

  /** Takes the node back from rescue; answered with one {@link Begun}. */
  CompletionStage<HttpAnswer> endRescue(Node node, HttpRequestView request) {
    return answer(deployments.endRescue(node, isByHand(request)));
  }

  private static CompletionStage<HttpAnswer> answer(CompletableFuture<Begun> begun) {
    return begun.thenApply(
        node ->
            node.answer() == Begun.Answer.REFUSED
                ? refusal(node.name() + ": " + node.said())
                : Answers.json(node, "api: begun"));
  }

  /** Whether the name of the node is said once more, for what cannot be taken back. */
  static boolean isConfirmed(Node node, HttpRequestView request) {
    return request.parameter("confirm").equals(Optional.of(node.name()));
  }

  private static boolean isByHand(HttpRequestView request) {
    return isYes(request, "by-hand");
  }

  static boolean isYes(HttpRequestView request, String parameter) {
    return request.parameter(parameter).filter("yes"::equals).isPresent();
  }

  private static CompletionStage<HttpAnswer> refused(String why) {
    return CompletableFuture.completedStage(refusal(why));
  }

  private static HttpAnswer refusal(String why) {
    return Answers.text(422, why + "\n", "api: deploy refused");
  }
}
