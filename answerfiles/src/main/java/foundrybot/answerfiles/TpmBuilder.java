// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is asked of the nodes' TPMs: each node's own words, and those for all. */
final class TpmBuilder {
  private final Faults faults;
  private final boolean mesh;
  private final TpmRule usual;

  /** Where nodes say that they must have one. */
  private final Map<Mac, Position> needed = new HashMap<>();

  TpmBuilder(Faults faults, Optional<Branch> mesh) {
    this.faults = faults;
    this.mesh = mesh.isPresent();
    this.usual =
        mesh.flatMap(branch -> branch.branch(TpmKeys.KEY))
            .map(own -> rule(own, "mesh.tpm", "eks", own.texts("eks"), TpmRule.USUAL))
            .orElse(TpmRule.USUAL);
  }

  /**
   * Reads a node's.
   *
   * @param path of the node in the file
   */
  TpmRule build(Branch node, Mac mac, String path) {
    Optional<Branch> own = node.branch(TpmKeys.KEY);
    if (own.isEmpty()) {
      return usual;
    }
    List<String> ek = own.get().text("ek").map(List::of).orElse(List.of());
    TpmRule rule = rule(own.get(), path + ".tpm", "ek", ek, usual);
    if (!mesh) {
      String expected = "a mesh, which nodes get into by their TPM";
      faults.add(node.at(TpmKeys.KEY), path + ".tpm", "without mesh", expected);
    } else if (rule.use() == TpmRule.Use.REQUIRED) {
      needed.put(mac, node.at(TpmKeys.KEY));
    }
    return rule;
  }

  private TpmRule rule(Branch own, String path, String key, List<String> eks, TpmRule otherwise) {
    Optional<TpmRule.Use> use = own.text("use").map(TpmRule.Use::of);
    if (!eks.isEmpty() && use.filter(it -> it != TpmRule.Use.REQUIRED).isPresent()) {
      String expected = "use: required beside " + key + ", or no " + key;
      faults.add(own.at("use"), path + ".use", use.get().text(), expected);
    }
    Set<String> taken =
        eks.stream().map(text -> text.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    boolean named = !taken.isEmpty();
    return new TpmRule(
        use.orElse(named ? TpmRule.Use.REQUIRED : otherwise.use()),
        named ? taken : otherwise.eks());
  }

  /** Who is in no plane joins nothing, and could prove nothing. */
  void check(Optional<MeshSettings> settings, List<Node> nodes) {
    for (Node node : nodes) {
      Position at = needed.get(node.mac());
      if (at != null && settings.filter(it -> !it.has(node)).isPresent()) {
        String expected = "a node in a plane of the mesh, which it gets into by its TPM";
        faults.add(at, "nodes." + node.mac() + ".tpm", "in no plane", expected);
      }
    }
  }
}
