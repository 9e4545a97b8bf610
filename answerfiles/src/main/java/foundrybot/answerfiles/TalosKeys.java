// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Shape.Mapping;
import foundrybot.answerfiles.Shape.Scalar;
import foundrybot.answerfiles.Tree.Branch;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rack file's key for clusters of Talos Linux. */
final class TalosKeys {
  static final String KEY = "talos";

  private static final String FORM = "https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}";

  private static final Rule ENDPOINT =
      Rule.matching(
          "a URL of host and port, such as https://10.77.0.10:6443",
          FORM,
          text ->
              text.matches(FORM) && URI.create(text).getHost() != null && isPort(URI.create(text)));

  private TalosKeys() {}

  private static boolean isPort(URI uri) {
    return uri.getPort() >= 1 && uri.getPort() <= 65535;
  }

  static Shape.Key talos() {
    return Shape.Key.optional(
        KEY,
        new Mapping(
            List.of(
                Shape.Key.required(
                    "endpoint",
                    new Scalar(ENDPOINT),
                    "Where all its nodes reach the Kubernetes API: a load balancer, or one node."),
                Shape.Key.required(
                    "secrets",
                    new Scalar(Rules.ABSOLUTE_FILE),
                    "The file that talosctl gen secrets made, readable for its owner alone."))),
        "none",
        "The cluster of nodes with profile talos; needed if there are any.");
  }

  static Optional<TalosSettings> build(Faults faults, Branch root, List<Node> nodes) {
    Optional<Branch> branch = root.branch(KEY);
    if (!root.has(KEY)) {
      nodes.stream()
          .filter(TalosSettings::isWantedBy)
          .findFirst()
          .ifPresent(node -> missing(faults, root, node));
    }
    Optional<String> endpoint = branch.flatMap(talos -> talos.text("endpoint"));
    Optional<String> secrets = branch.flatMap(talos -> talos.text("secrets"));
    return endpoint.isEmpty() || secrets.isEmpty()
        ? Optional.empty()
        : Optional.of(new TalosSettings(URI.create(endpoint.get()), Path.of(secrets.get())));
  }

  private static void missing(Faults faults, Branch root, Node node) {
    Position at =
        root.branch("nodes").map(Branch::entries).map(Map::entrySet).stream()
            .flatMap(entries -> entries.stream())
            .filter(entry -> Mac.parse(entry.getKey()).filter(node.mac()::equals).isPresent())
            .map(entry -> entry.getValue().keyAt())
            .findFirst()
            .orElseGet(root::at);
    String expected =
        "endpoint and secrets of its cluster, as node "
            + node.name()
            + " has profile "
            + node.profile().name();
    faults.add(at, KEY, "missing", expected);
  }
}
