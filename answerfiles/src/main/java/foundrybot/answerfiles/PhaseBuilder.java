// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The phases of a rack: the user's own in the order of the file, or those that are built in. */
final class PhaseBuilder {
  private static final String BUILT_IN = "phases.yaml";

  /** All checks of a phase as a node is told of them; its answer file has 64 KiB. */
  private static final int LONGEST_CHECKS = 8 << 10;

  private final Faults faults;
  private final Map<String, Role> roles;
  private final List<Node> nodes;
  private final Optional<MeshSettings> mesh;
  private final CheckBuilder checks;

  PhaseBuilder(
      Faults faults, Map<String, Role> roles, List<Node> nodes, Optional<MeshSettings> mesh) {
    this.faults = faults;
    this.roles = roles;
    this.nodes = nodes;
    this.mesh = mesh;
    this.checks =
        new CheckBuilder(
            faults,
            name ->
                mesh.stream()
                    .flatMap(settings -> settings.planes().stream())
                    .anyMatch(plane -> plane.plane().interfaceName().equals(name)));
  }

  List<Phase> build(Branch root) {
    List<Phase> phases = root.branch(PhaseKeys.KEY).map(this::phases).orElseGet(this::builtIn);
    root.branch("nodes").ifPresent(table -> checkReady(table, phases));
    return phases;
  }

  /** What roles and nodes ask for beside their phase; of a faulty rack its own faults do. */
  private void checkReady(Branch table, List<Phase> phases) {
    Map<Mac, Node> asked = new HashMap<>();
    nodes.stream()
        .filter(node -> !node.ready().isEmpty())
        .forEach(node -> asked.put(node.mac(), node));
    if (!faults.isEmpty() || asked.isEmpty()) {
      return;
    }
    table
        .entries()
        .forEach(
            (key, entry) ->
                Mac.parse(key)
                    .map(asked::get)
                    .ifPresent(node -> checkReady("nodes." + key, entry, node, phases)));
  }

  private void checkReady(String path, Tree.Entry entry, Node node, List<Phase> phases) {
    Position at =
        entry.value() instanceof Branch branch && branch.has("ready")
            ? branch.at("ready")
            : entry.keyAt();
    String first = node.ready().getFirst().name();
    Optional<Phase> phase =
        phases.stream().filter(each -> each.roles().contains(node.role().name())).findFirst();
    if (phase.isEmpty()) {
      String expected =
          "a phase with role " + node.role().name() + ": phases wait for what is ready";
      faults.add(at, path + ".ready", first, expected);
      return;
    }
    if (mesh.filter(planes -> planes.has(node)).isEmpty()) {
      String expected = "mesh, with a plane for the node: by its keys it reports";
      faults.add(at, path + ".ready", first, expected);
    }
    List<NodeCheck> all = phase.get().checksOf(node);
    for (NodeCheck check : phase.get().checks()) {
      if (node.ready().stream().anyMatch(own -> own.name().equals(check.name()))) {
        String expected = "a name that no check of phase " + phase.get().name() + " has";
        faults.add(at, path + ".ready", check.name(), expected);
      }
    }
    if (all.size() > Phase.MOST_CHECKS) {
      String expected = "at most " + Phase.MOST_CHECKS + " with those of its phase";
      faults.add(at, path + ".ready", all.size() + " checks", expected);
    }
    int length = Phase.lines(all).length();
    if (length > LONGEST_CHECKS) {
      String expected = "at most " + LONGEST_CHECKS + " with those of its phase";
      faults.add(at, path + ".ready", length + " characters", expected);
    }
  }

  /** The table that is built in, as it can be read, and copied from. */
  static String builtInText() {
    try (InputStream in =
        PhaseBuilder.class.getResourceAsStream("/foundrybot/answerfiles/" + BUILT_IN)) {
      if (in == null) {
        throw new IllegalStateException(BUILT_IN + ": not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Phase> builtIn() {
    Faults own = new Faults(BUILT_IN);
    List<Phase> phases =
        YamlText.compose(builtInText(), BUILT_IN, own)
            .map(root -> new ShapeReader(own).read(root, PhaseKeys.file(), ""))
            .map(tree -> new PhaseBuilder(own, roles, nodes, mesh).phases(tree))
            .orElse(List.of());
    if (!own.isEmpty()) {
      throw new IllegalStateException(RackFiles.report(own.sorted()));
    }
    return phases.stream()
        .map(this::withRolesFromIts)
        .map(phase -> phase.builtIn(BuiltInChecks.of(phase.of(nodes), nodes, mesh)))
        .toList();
  }

  /** Where nobody has written it, a role that begins as another one comes when that one does. */
  private Phase withRolesFromIts(Phase phase) {
    List<String> all = new ArrayList<>(phase.roles());
    roles.values().stream()
        .filter(role -> role.from().filter(phase.roles()::contains).isPresent())
        .map(Role::name)
        .filter(name -> !Role.builtIn().containsKey(name))
        .forEach(all::add);
    return phase.withRoles(all);
  }

  private List<Phase> phases(Tree file) {
    return file instanceof Branch branch
        ? branch.branch(PhaseKeys.KEY).map(this::phases).orElse(List.of())
        : List.of();
  }

  private List<Phase> phases(Branch table) {
    List<Phase> phases = new ArrayList<>();
    Map<String, String> owners = new HashMap<>();
    for (String name : table.entries().keySet()) {
      table.branch(name).map(branch -> phase(name, branch, owners)).ifPresent(phases::add);
    }
    return phases;
  }

  private Phase phase(String name, Branch branch, Map<String, String> owners) {
    String path = PhaseKeys.KEY + "." + name;
    for (Leaf leaf : branch.leaves("roles")) {
      RackBuilder.lookUp(faults, leaf, path + ".roles", roles);
      String owner = owners.putIfAbsent(leaf.text(), name);
      if (owner != null) {
        String expected = "a role once; it is in " + PhaseKeys.KEY + "." + owner + " already";
        faults.add(leaf.at(), path + ".roles", leaf.text(), expected);
      }
    }
    Phase phase =
        new Phase(
            name,
            branch.texts("roles"),
            PhaseNeed.parse(branch.text("need").orElse("all")),
            PhaseKeys.duration(branch.text("deadline").orElse(PhaseKeys.USUAL_DEADLINE)),
            checks.checks(branch, "checks", path),
            false);
    checkNeed(branch, path, phase);
    checkMesh(branch, path, phase);
    checkLength(branch, path, phase);
    return phase;
  }

  /** Against the nodes as far as they are known: of a faulty one its own fault is enough. */
  private void checkNeed(Branch branch, String path, Phase phase) {
    int here = phase.of(nodes).size();
    if (!(phase.need() instanceof PhaseNeed.Exactly exactly) || !faults.isEmpty()) {
      return;
    }
    boolean other = exactly.planned().filter(planned -> planned != here).isPresent();
    if (here > 0 && (other || exactly.number() > here)) {
      String expected = "at most " + here + " of " + here + ", which the rack has of these roles";
      faults.add(branch.at("need"), path + ".need", branch.text("need").orElse(""), expected);
    }
  }

  /** Nodes report by the identity that the mesh gives them. */
  private void checkMesh(Branch branch, String path, Phase phase) {
    Optional<Node> outside =
        phase.of(nodes).stream()
            .filter(node -> mesh.filter(planes -> planes.has(node)).isEmpty())
            .findFirst();
    if (!phase.checks().isEmpty() && outside.isPresent() && faults.isEmpty()) {
      String value = outside.get().name() + " is in no plane of the mesh";
      String expected = "mesh, with a plane for these roles: by its keys a node reports";
      faults.add(branch.at("checks"), path + ".checks", value, expected);
    }
  }

  private void checkLength(Branch branch, String path, Phase phase) {
    int length = Phase.lines(phase.checks()).length();
    if (length > LONGEST_CHECKS) {
      String expected = "at most " + LONGEST_CHECKS + " in all, a third of it for base64";
      faults.add(branch.at("checks"), path + ".checks", length + " characters", expected);
    }
  }
}
