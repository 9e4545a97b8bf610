// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What nodes have to prove, from a table of checks by name: of a phase, a role or a node. */
final class CheckBuilder {
  private static final List<String> KINDS = List.of("service", "port", "handshake", "command");

  private final Faults faults;
  private final Predicate<String> planes;

  /**
   * Makes them for one rack.
   *
   * @param planes whether the mesh has a plane with this interface
   */
  CheckBuilder(Faults faults, Predicate<String> planes) {
    this.faults = faults;
    this.planes = planes;
  }

  /** One for a rack whose mesh is not built yet: its planes by what the file says of them. */
  static CheckBuilder of(Faults faults, Branch root) {
    Optional<Branch> planes = root.branch("mesh").flatMap(mesh -> mesh.branch("planes"));
    return new CheckBuilder(
        faults,
        name ->
            planes.map(Branch::entries).map(Map::keySet).stream()
                .flatMap(names -> names.stream())
                .flatMap(word -> Plane.of(word).stream())
                .anyMatch(plane -> plane.interfaceName().equals(name)));
  }

  /** Of one name the nearer check holds. */
  static List<NodeCheck> merge(List<NodeCheck> far, List<NodeCheck> near) {
    Map<String, NodeCheck> all = new LinkedHashMap<>();
    far.forEach(check -> all.put(check.name(), check));
    near.forEach(check -> all.put(check.name(), check));
    return List.copyOf(all.values());
  }

  /**
   * Those of the table under a key.
   *
   * @param path of the owner in the file
   */
  List<NodeCheck> checks(Branch owner, String key, String path) {
    List<NodeCheck> checks = new ArrayList<>();
    owner
        .branches(key)
        .forEach(
            (name, check) ->
                check(name, check, path + "." + key + "." + name).ifPresent(checks::add));
    return checks;
  }

  private Optional<NodeCheck> check(String name, Branch check, String path) {
    List<String> kinds = KINDS.stream().filter(check::has).toList();
    if (kinds.size() != 1) {
      String value = kinds.isEmpty() ? "missing" : String.join(" and ", kinds);
      faults.add(check.at(), path, value, "one of service, port, handshake, command");
      return Optional.empty();
    }
    if (check.has("expect") && !check.has("command")) {
      String value = check.text("expect").orElse("");
      faults.add(check.at("expect"), path + ".expect", value, "only beside command");
    }
    Duration timeout =
        Duration.ofSeconds(
            check.text("timeout").map(Long::parseLong).orElse((long) PhaseKeys.USUAL_TIMEOUT));
    return Stream.of(
            check
                .text("service")
                .<NodeCheck>map(unit -> new NodeCheck.Service(name, unit, timeout)),
            check.leaf("port").<NodeCheck>map(port -> port(name, port, path, timeout)),
            check.leaf("handshake").<NodeCheck>map(leaf -> handshake(name, leaf, path, timeout)),
            command(name, check, path, timeout))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private NodeCheck port(String name, Leaf leaf, String path, Duration timeout) {
    String[] words = leaf.text().split(" on ", 2);
    Optional<String> on = words.length == 1 ? Optional.empty() : Optional.of(words[1]);
    on.filter(it -> it.matches("wg[0-3]")).ifPresent(it -> checkPlane(leaf, path + ".port", it));
    return new NodeCheck.Port(name, Integer.parseInt(words[0]), on, timeout);
  }

  private NodeCheck handshake(String name, Leaf leaf, String path, Duration timeout) {
    checkPlane(leaf, path + ".handshake", leaf.text());
    return new NodeCheck.Handshake(name, leaf.text(), timeout);
  }

  private void checkPlane(Leaf leaf, String path, String interfaceName) {
    if (!planes.test(interfaceName)) {
      String expected = "an interface of the mesh's planes (wg1 is control's)";
      faults.add(leaf.at(), path, leaf.text(), expected);
    }
  }

  private Optional<NodeCheck> command(String name, Branch check, String path, Duration timeout) {
    List<String> words = check.texts("command");
    if (words.isEmpty()) {
      return Optional.empty();
    }
    String program = words.getFirst();
    if (!program.matches("/[!-~]+") || program.endsWith("/")) {
      String expected = "the absolute path of a program first, such as /usr/bin/etcdctl";
      faults.add(check.at("command"), path + ".command", program, expected);
    }
    int expect = check.text("expect").map(Integer::parseInt).orElse(0);
    return Optional.of(new NodeCheck.Command(name, words, timeout, expect));
  }
}
