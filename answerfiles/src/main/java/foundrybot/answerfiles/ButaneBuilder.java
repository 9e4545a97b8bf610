// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.butane.ButaneInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is merged into a node's Ignition: the input of its role, then its own. */
final class ButaneBuilder {
  private final Faults faults;
  private final Map<String, Profile> profiles;
  private final ButaneFiles files;

  /** An input of a role's, and where the file says it. */
  private record OfRole(ButaneInput input, Position at) {}

  /** Those of roles; read at once, so that one without nodes is found fault with, too. */
  private final Map<String, OfRole> ofRoles = new LinkedHashMap<>();

  ButaneBuilder(
      Faults faults, Map<String, Branch> roles, Map<String, Profile> profiles, ButaneFiles files) {
    this.faults = faults;
    this.profiles = profiles;
    this.files = files;
    roles.forEach(
        (role, branch) ->
            read(branch, "roles." + role)
                .ifPresent(
                    input -> ofRoles.put(role, new OfRole(input, branch.at(ButaneKeys.KEY)))));
  }

  /** Of a role or node: what it says in place, or the file that it names. */
  private Optional<ButaneInput> read(Branch of, String path) {
    String key = path + "." + ButaneKeys.KEY;
    return of.leaf(ButaneKeys.KEY)
        .flatMap(leaf -> files.read(leaf, key, faults))
        .or(
            () ->
                of.document(ButaneKeys.KEY).flatMap(document -> files.read(document, key, faults)));
  }

  /**
   * A role can have nodes of several systems; those that know nothing of Ignition are without it.
   *
   * @param path of the node in the file
   */
  List<ButaneInput> build(Branch node, String path, Optional<String> role, Profile profile) {
    List<ButaneInput> inputs = new ArrayList<>();
    boolean takes = !profile.variants().isEmpty();
    role.flatMap(name -> Optional.ofNullable(ofRoles.get(name)))
        .filter(it -> takes && isFor(profile, it.input(), it.at(), "roles." + role.orElseThrow()))
        .ifPresent(it -> inputs.add(it.input()));
    Optional<String> own =
        node.text(ButaneKeys.KEY).or(() -> node.document(ButaneKeys.KEY).map(_ -> "a mapping"));
    if (own.isPresent() && !takes) {
      String value = own.get();
      String expected =
          "none with profile " + profile.name() + "; these take it: " + String.join(", ", able());
      faults.add(node.at(ButaneKeys.KEY), path + "." + ButaneKeys.KEY, value, expected);
      return inputs;
    }
    read(node, path)
        .filter(it -> isFor(profile, it, node.at(ButaneKeys.KEY), path))
        .ifPresent(inputs::add);
    return inputs;
  }

  private boolean isFor(Profile profile, ButaneInput input, Position at, String path) {
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
    faults.add(at, path + "." + ButaneKeys.KEY, value, expected);
    return false;
  }

  private List<String> able() {
    return profiles.values().stream()
        .filter(profile -> !profile.variants().isEmpty())
        .map(Profile::name)
        .toList();
  }
}
