// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import foundrybot.answerfiles.butane.ButaneInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is merged into a node's Ignition: the file of its role, then its own. */
final class ButaneBuilder {
  private final Faults faults;
  private final Map<String, Profile> profiles;
  private final ButaneFiles files;

  /** Those of roles; read at once, so that one without nodes is found fault with, too. */
  private final Map<String, ButaneInput> ofRoles = new LinkedHashMap<>();

  private final Map<String, Leaf> leaves = new LinkedHashMap<>();

  ButaneBuilder(
      Faults faults, Map<String, Branch> roles, Map<String, Profile> profiles, ButaneFiles files) {
    this.faults = faults;
    this.profiles = profiles;
    this.files = files;
    roles.forEach(
        (role, branch) ->
            branch
                .leaf(ButaneKeys.KEY)
                .ifPresent(
                    leaf -> {
                      leaves.put(role, leaf);
                      files
                          .read(leaf, "roles." + role + "." + ButaneKeys.KEY, faults)
                          .ifPresent(input -> ofRoles.put(role, input));
                    }));
  }

  /**
   * A role can have nodes of several systems; those that know nothing of Ignition are without it.
   *
   * @param path of the node in the file
   */
  List<ButaneInput> build(Branch node, String path, Optional<String> role, Profile profile) {
    List<ButaneInput> inputs = new ArrayList<>();
    role.filter(ofRoles::containsKey)
        .filter(_ -> !profile.variants().isEmpty())
        .ifPresent(
            name -> {
              Leaf leaf = leaves.getOrDefault(name, new Leaf(node.at(), name));
              Optional.ofNullable(ofRoles.get(name))
                  .filter(it -> isFor(profile, it, leaf, "roles." + name))
                  .ifPresent(inputs::add);
            });
    Optional<Leaf> own = node.leaf(ButaneKeys.KEY);
    if (own.isPresent() && profile.variants().isEmpty()) {
      String expected =
          "none with profile " + profile.name() + "; these take it: " + String.join(", ", able());
      faults.add(own.get().at(), path + "." + ButaneKeys.KEY, own.get().text(), expected);
      return inputs;
    }
    own.flatMap(leaf -> files.read(leaf, path + "." + ButaneKeys.KEY, faults))
        .filter(it -> isFor(profile, it, own.get(), path))
        .ifPresent(inputs::add);
    return inputs;
  }

  private boolean isFor(Profile profile, ButaneInput input, Leaf leaf, String path) {
    if (profile.variants().contains(input.variant())) {
      return true;
    }
    String expected =
        "variant "
            + String.join(" or ", profile.variants())
            + ", which profile "
            + profile.name()
            + " takes";
    String value = input.source() + ": variant " + input.variant();
    faults.add(leaf.at(), path + "." + ButaneKeys.KEY, value, expected);
    return false;
  }

  private List<String> able() {
    return profiles.values().stream()
        .filter(profile -> !profile.variants().isEmpty())
        .map(Profile::name)
        .toList();
  }
}
