// SPDX-License-Identifier: Apache-2.0
package foundrybot.answerfiles;

import foundrybot.answerfiles.Faults.Position;
import foundrybot.answerfiles.Tree.Branch;
import foundrybot.answerfiles.Tree.Leaf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What roles and nodes ask of systems, held against what the nodes' profiles can put there. */
final class HostBuilder {
  private final Faults faults;
  private final Map<String, Profile> profiles;
  private final Function<String, Optional<String>> beside;
  private final CheckBuilder checks;

  /**
   * Makes them for one rack.
   *
   * @param beside the text of a file beside the rack file by its name; empty if there is none
   */
  HostBuilder(
      Faults faults,
      Map<String, Profile> profiles,
      Function<String, Optional<String>> beside,
      CheckBuilder checks) {
    this.faults = faults;
    this.profiles = profiles;
    this.beside = beside;
    this.checks = checks;
  }

  /** What a node is to get: its role's and its own, with what they have to prove. */
  record Asked(
      List<String> packages, boolean named, HostSettings settings, List<NodeCheck> ready) {}

  /**
   * Of a node, over what its role has.
   *
   * @param path of the node in the file
   * @param keyAt where the node is, for faults that its role alone does not have
   */
  Asked build(Branch node, String path, Position keyAt, Optional<Role> role, Profile profile) {
    boolean own = node.has("packages");
    Asked asked =
        new Asked(
            own ? node.texts("packages") : role.map(Role::packages).orElse(List.of()),
            own || role.filter(Role::ownPackages).isPresent(),
            role.map(Role::settings).orElse(HostSettings.NONE).with(settings(node, path)),
            CheckBuilder.merge(role.map(Role::ready).orElse(List.of()), ready(node, path)));
    new Abilities(node, path, keyAt, profile).check(asked);
    int bytes = asked.settings().bytes();
    if (bytes > HostKeys.LONGEST_FILES) {
      Position at = node.has("files") ? node.at("files") : keyAt;
      String expected = "at most " + HostKeys.LONGEST_FILES + " for a node";
      faults.add(at, path + ".files", bytes + " bytes", expected);
    }
    return asked;
  }

  /** What one role or node has to prove by its own keys; {@code path} is where it is. */
  List<NodeCheck> ready(Branch owner, String path) {
    return checks.checks(owner, "ready", path);
  }

  /** What one role or node asks for by its own keys; {@code path} is where it is. */
  HostSettings settings(Branch owner, String path) {
    Optional<Branch> services = owner.branch("services");
    Set<String> enabled = new LinkedHashSet<>();
    Set<String> disabled = new LinkedHashSet<>();
    services.ifPresent(
        branch -> {
          branch.texts("enable").forEach(text -> enabled.add(HostKeys.unit(text)));
          for (Leaf leaf : branch.leaves("disable")) {
            if (enabled.contains(HostKeys.unit(leaf.text()))) {
              String expected = "a unit that services.enable does not name";
              faults.add(leaf.at(), path + ".services.disable", leaf.text(), expected);
            } else {
              disabled.add(HostKeys.unit(leaf.text()));
            }
          }
        });
    return new HostSettings(
        files(owner, path), enabled, disabled, owner.table("sysctls"), owner.table("labels"));
  }

  private List<HostFile> files(Branch owner, String path) {
    List<HostFile> files = new ArrayList<>();
    owner
        .branches("files")
        .forEach((name, file) -> file(name, file, path + ".files." + name).ifPresent(files::add));
    return files;
  }

  private Optional<HostFile> file(String name, Branch file, String path) {
    if (file.has("content") == file.has("source-file")) {
      String value = file.has("content") ? "content and source-file" : "missing";
      faults.add(file.at(), path, value, "one of content, source-file");
      return Optional.empty();
    }
    String[] owner = file.text("owner").orElse("root").split(":", 2);
    String mode = HostKeys.mode(file.text("mode").orElse("0644"));
    return file.text("content")
        .or(() -> file.leaf("source-file").flatMap(leaf -> source(leaf, path + ".source-file")))
        .map(text -> new HostFile(name, mode, owner[0], owner[owner.length - 1], text));
  }

  private Optional<String> source(Leaf leaf, String path) {
    Optional<String> text = beside.apply(leaf.text());
    if (text.isEmpty()) {
      faults.add(
          leaf.at(),
          path,
          leaf.text(),
          "a file beside the rack file, and no link out of its folder");
    } else if (!HostKeys.CONTENT.accepts().test(text.get())) {
      String value = leaf.text() + ": " + text.get().length() + " characters";
      faults.add(leaf.at(), path, value, HostKeys.CONTENT.expected());
      return Optional.empty();
    }
    return text;
  }

  /** What one node's profile can; what it cannot is refused and never left out. */
  private final class Abilities {
    private final Branch node;
    private final String path;
    private final Position keyAt;
    private final Profile profile;

    Abilities(Branch node, String path, Position keyAt, Profile profile) {
      this.node = node;
      this.path = path;
      this.keyAt = keyAt;
      this.profile = profile;
    }

    void check(Asked asked) {
      HostSettings settings = asked.settings();
      if (asked.named() && !asked.packages().isEmpty()) {
        need("packages", "packages", asked.packages().getFirst());
      }
      settings.files().stream().findFirst().ifPresent(it -> need("files", "files", it.path()));
      settings.files().stream()
          .filter(file -> !file.isOfRoot())
          .findFirst()
          .ifPresent(it -> need("owners", "files", it.owner() + ":" + it.group()));
      settings.files().forEach(this::checkFolder);
      settings.files().forEach(file -> checkBelow(file, settings.files()));
      List<String> units = new ArrayList<>(settings.enabled());
      units.addAll(settings.disabled());
      units.stream().findFirst().ifPresent(it -> need("services", "services", it));
      units.stream()
          .filter(unit -> !unit.endsWith(".service"))
          .findFirst()
          .ifPresent(it -> need("units", "services", it));
      settings.sysctls().keySet().stream()
          .findFirst()
          .ifPresent(it -> need("sysctls", "sysctls", it));
      settings.labels().keySet().stream().findFirst().ifPresent(it -> need("labels", "labels", it));
      asked.ready().stream().findFirst().ifPresent(it -> need("ready", "ready", it.name()));
    }

    private void need(String ability, String key, String value) {
      if (profile.carries().contains(ability)) {
        return;
      }
      List<String> able =
          profiles.values().stream()
              .filter(other -> other.carries().contains(ability))
              .map(Profile::name)
              .toList();
      String own = profile.carries().isEmpty() ? "nothing" : String.join(", ", profile.carries());
      fault(
          key,
          value,
          "what profile "
              + profile.name()
              + " can put on a system ("
              + own
              + "); for "
              + ability
              + ": "
              + (able.isEmpty() ? "no profile here" : String.join(", ", able)));
    }

    private void checkFolder(HostFile file) {
      boolean inside =
          profile.fileFolders().isEmpty()
              || profile.fileFolders().stream()
                  .anyMatch(folder -> file.path().startsWith(folder + "/"));
      if (profile.carries().contains("files") && !inside) {
        String folders = String.join(", ", profile.fileFolders());
        fault(
            "files",
            file.path(),
            "a path below " + folders + ", where profile " + profile.name() + " can make files");
      }
    }

    /** A role can have the one and its node the other. */
    private void checkBelow(HostFile file, Collection<HostFile> all) {
      all.stream()
          .filter(other -> file.path().startsWith(other.path() + "/"))
          .findFirst()
          .ifPresent(
              other -> {
                String expected =
                    "no path below " + other.path() + ", which is to be a file itself";
                fault("files", file.path(), expected);
              });
    }

    private void fault(String key, String value, String expected) {
      faults.add(node.has(key) ? node.at(key) : keyAt, path + "." + key, value, expected);
    }
  }
}
