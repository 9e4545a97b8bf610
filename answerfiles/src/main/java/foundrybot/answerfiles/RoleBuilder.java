// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The roles of a rack: those that are built in, and those of the file, which may take over from one
 * other role what they do not say themselves. That role takes over from none, so that two places
 * are all that has to be read to know what a role is.
 */
final class RoleBuilder {
  /** What a role has as a whole or not at all. */
  private static final List<String> WHOLE = List.of("layout", "network", ButaneKeys.KEY);

  private final Faults faults;
  private final Map<String, Branch> branches;
  private final HostBuilder hosts;

  RoleBuilder(Faults faults, Branch root, HostBuilder hosts) {
    this.faults = faults;
    this.branches = root.branches("roles");
    this.hosts = hosts;
  }

  Map<String, Role> build() {
    Map<String, Role> alone = Role.builtIn();
    branches.forEach((name, branch) -> alone.put(name, alone(name, branch)));
    Map<String, Role> roles = new LinkedHashMap<>(alone);
    branches.forEach(
        (name, branch) ->
            base(name, branch, alone)
                .ifPresent(
                    base -> roles.computeIfPresent(name, (_, role) -> over(base, role, branch))));
    return roles;
  }

  /** What the file says of each role, with what it has as a whole of the role that it is from. */
  Map<String, Branch> withBases() {
    Map<String, Branch> whole = new LinkedHashMap<>();
    branches.forEach(
        (name, branch) ->
            whole.put(
                name,
                branch
                    .text("from")
                    .map(branches::get)
                    .map(base -> filled(branch, base))
                    .orElse(branch)));
    return whole;
  }

  private static Branch filled(Branch branch, Branch base) {
    Map<String, Tree.Entry> entries = new LinkedHashMap<>(branch.entries());
    base.entries()
        .forEach(
            (key, entry) -> {
              if (WHOLE.contains(key)) {
                entries.putIfAbsent(key, entry);
              }
            });
    return new Branch(branch.at(), entries);
  }

  /** A built-in role whose packages are not named keeps them. */
  private Role alone(String name, Branch branch) {
    String path = "roles." + name;
    boolean own = branch.has("packages");
    Role builtIn = Role.builtIn().get(name);
    List<String> packages = own || builtIn == null ? branch.texts("packages") : builtIn.packages();
    return new Role(
        name,
        Optional.empty(),
        packages,
        own,
        DhcpOptionsBuilder.build(faults, branch, path),
        DeadlineKeys.build(branch),
        AttemptKeys.build(branch),
        hosts.settings(branch, path),
        hosts.ready(branch, path));
  }

  private Optional<Role> base(String name, Branch branch, Map<String, Role> roles) {
    Optional<Leaf> from = branch.leaf("from");
    if (from.isEmpty()) {
      return Optional.empty();
    }
    Leaf leaf = from.get();
    String path = "roles." + name + ".from";
    if (leaf.text().equals(name)) {
      faults.add(leaf.at(), path, name, "another role");
      return Optional.empty();
    }
    Optional<Leaf> further =
        Optional.ofNullable(branches.get(leaf.text())).flatMap(base -> base.leaf("from"));
    if (further.isPresent()) {
      String expected =
          "a role without a from of its own; "
              + leaf.text()
              + " is from "
              + further.get().text()
              + " (line "
              + further.get().at().line()
              + ")";
      faults.add(leaf.at(), path, leaf.text(), expected);
      return Optional.empty();
    }
    return RackBuilder.lookUp(faults, leaf, path, roles);
  }

  private static Role over(Role base, Role role, Branch branch) {
    boolean own = branch.has("packages");
    return new Role(
        role.name(),
        Optional.of(base.name()),
        own ? role.packages() : base.packages(),
        own || base.ownPackages(),
        DhcpOptionsBuilder.merge(base.dhcpOptions(), role.dhcpOptions()),
        over(base.deadlines(), role.deadlines()),
        over(base.attempts(), role.attempts()),
        base.settings().with(role.settings()),
        CheckBuilder.merge(base.ready(), role.ready()));
  }

  /** What a role or node says itself goes before what it takes over. */
  static <T> Map<String, T> over(Map<String, T> taken, Map<String, T> own) {
    Map<String, T> merged = new LinkedHashMap<>(taken);
    merged.putAll(own);
    return merged;
  }
}
