// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * apt with lists, status and cache of its own: it resolves and downloads as on any machine, checks
 * what it gets against the archive's signature, and leaves the machine's own packages alone.
 */
final class AptRoot {
  /** Names in one apt command line; far below the kernel's limit on arguments. */
  private static final int NAMES_PER_CALL = 500;

  /** Several caches may stand behind one archive name; another one may be consistent. */
  private static final int UPDATE_ATTEMPTS = 3;

  private static final Pattern CHOSEN =
      Pattern.compile("Inst (\\S+) (?:\\[[^\\]]*\\] )?\\((\\S+) .*\\[([a-z0-9-]+)\\].*");

  private static final Pattern FAILED =
      Pattern.compile("E: Failed to fetch \\S*/([^/\\s]+\\.u?deb)\\s+(.*?)(?:\\s+\\[IP:.*)?");

  private static final Pattern NO_SUITE =
      Pattern.compile("E: The repository '(\\S+) (\\S+) Release' does (?:not|no longer) have .*");

  private final Path folder;
  private final Path configuration;
  private final List<Naming> namings;
  private final Map<String, String> failures = new HashMap<>();

  /**
   * One way to name what is wanted.
   *
   * @param sources the text of sources.list
   * @param suite the name whose Release file is to be looked at; empty for a code name
   * @param codename what that Release must say
   */
  private record Naming(String sources, String suite, String codename) {}

  private AptRoot(Path folder, Path configuration, List<Naming> namings) {
    this.folder = folder;
    this.configuration = configuration;
    this.namings = namings;
  }

  static AptRoot open(Path folder, List<AptSource> sources) {
    return openAs(folder, List.of(new Naming(text(sources), "", "")));
  }

  /**
   * As {@link #open(Path, List)}, with a second name for the release: behind one archive name there
   * may be caches that hold a contradictory state under the one name and a sound one under the
   * other. Its Release must say that it is the same release.
   */
  static AptRoot open(Path folder, List<AptSource> sources, String codename, String otherName) {
    List<AptSource> others =
        sources.stream()
            .map(
                source ->
                    source.suite().equals(codename)
                        ? source.with(otherName, source.components())
                        : source)
            .toList();
    return openAs(
        folder,
        List.of(new Naming(text(sources), "", ""), new Naming(text(others), otherName, codename)));
  }

  private static String text(List<AptSource> sources) {
    StringBuilder list = new StringBuilder();
    sources.forEach(source -> list.append(source.oneLine()));
    return list.toString();
  }

  private static AptRoot openAs(Path folder, List<Naming> namings) {
    if (folder.toString().contains("\"")) {
      throw new BuildException(folder + ": apt cannot use a folder with a quote in its name");
    }
    Folders.create(folder.resolve("lists/partial"));
    Folders.create(folder.resolve("cache/archives/partial"));
    Folders.write(folder.resolve("sources.list"), bytes(namings.getFirst().sources()));
    Folders.write(folder.resolve("status"), new byte[0]);
    Path configuration = folder.resolve("apt.conf");
    Folders.write(
        configuration,
        bytes(
            """
            Dir::State::lists "@/lists";
            Dir::State::status "@/status";
            Dir::State::extended_states "@/extended_states";
            Dir::Cache "@/cache";
            Dir::Etc::sourcelist "@/sources.list";
            Dir::Etc::sourceparts "/dev/null";
            Dir::Etc::preferences "/dev/null";
            Dir::Etc::preferencesparts "/dev/null";
            APT::Architecture "amd64";
            APT::Architectures { "amd64"; };
            APT::Sandbox::User "root";
            APT::Get::List-Cleanup "false";
            """
                .replace("@", folder.toString())));
    return new AptRoot(folder, configuration, namings);
  }

  private Tool apt(String program) {
    return Tool.named(program, "apt")
        .with("APT_CONFIG", configuration.toString())
        .within(Duration.ofMinutes(60));
  }

  /**
   * Gets the package lists. Where the archive contradicts itself for the moment ("Mirror sync in
   * progress"), apt keeps the complete, verified lists it had; the build goes on with these.
   */
  void update(Progress progress) {
    progress.step("read the package lists of " + folder.getFileName());
    Path complete = folder.resolve("lists-complete");
    Set<String> bad = new LinkedHashSet<>();
    for (Naming naming : namings) {
      Folders.write(folder.resolve("sources.list"), bytes(naming.sources()));
      if (updates(progress, bad) && isTheRelease(naming, bad)) {
        Folders.write(complete, bytes(naming.sources()));
        return;
      }
    }
    String last =
        Files.exists(complete) ? new String(Folders.read(complete), StandardCharsets.UTF_8) : "";
    if (namings.stream().noneMatch(naming -> naming.sources().equals(last))) {
      bad.forEach(AptRoot::requireSuite);
      throw new BuildException(
          "apt-get update: failed "
              + UPDATE_ATTEMPTS
              + " times: "
              + String.join("; ", bad)
              + "; try again later, or name another mirror in apt's sources");
    }
    Folders.write(folder.resolve("sources.list"), bytes(last));
    progress.warn("the package lists of the last good build are used instead");
  }

  private boolean updates(Progress progress, Set<String> bad) {
    for (int attempt = 1; attempt <= UPDATE_ATTEMPTS; attempt++) {
      List<String> said = new ArrayList<>();
      int status =
          apt("apt-get")
              .status(
                  line -> {
                    if (line.startsWith("E:") || line.startsWith("W:")) {
                      said.add(line);
                    }
                  },
                  List.of("update"));
      said.forEach(progress::warn);
      if (status == 0) {
        return true;
      }
      bad.addAll(said);
      if (said.stream().anyMatch(line -> NO_SUITE.matcher(line).matches())) {
        return false;
      }
    }
    return false;
  }

  /** A name that the mirror does not know is the same at the next try. */
  private static void requireSuite(String line) {
    Matcher m = NO_SUITE.matcher(line);
    if (m.matches()) {
      throw new BuildException(
          "suite "
              + m.group(2)
              + ": not found at "
              + m.group(1)
              + " (expected: a release that this mirror holds, such as trixie or sid); mend the"
              + " name, or name another mirror in apt's sources");
    }
  }

  /** A name such as {@code stable} means another release after the next one came out. */
  private boolean isTheRelease(Naming naming, Set<String> bad) {
    if (naming.suite().isEmpty()) {
      return true;
    }
    String line = "Codename: " + naming.codename();
    boolean same =
        Folders.list(folder.resolve("lists")).stream()
            .filter(file -> file.toString().contains("_dists_" + naming.suite() + "_"))
            .filter(file -> file.toString().endsWith("Release"))
            .anyMatch(
                file -> new String(Folders.read(file), StandardCharsets.UTF_8).contains(line));
    if (!same) {
      bad.add("suite " + naming.suite() + " is not " + naming.codename());
    }
    return same;
  }

  /** The candidate of every package and installer component that the lists name. */
  List<Stanza> available() {
    List<Stanza> all = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    apt("apt-cache").run(line -> Stanza.take(line, current, all), List.of("dumpavail"));
    Stanza.take("", current, all);
    return all;
  }

  /** What apt would install for these names on an empty system, without recommended packages. */
  Set<PackageId> resolve(Collection<String> names) {
    Set<PackageId> chosen = new LinkedHashSet<>();
    List<String> arguments =
        new ArrayList<>(List.of("-s", "-qq", "--no-install-recommends", "install"));
    arguments.addAll(names);
    apt("apt-get")
        .run(
            line -> {
              Matcher m = CHOSEN.matcher(line);
              if (m.matches()) {
                chosen.add(new PackageId(m.group(1), m.group(2), m.group(3)));
              }
            },
            arguments);
    return chosen;
  }

  /**
   * Downloads what is not here yet; apt checks size and digest of each file.
   *
   * @return the files that are here afterwards; why another is not, {@link #failure} says
   */
  Map<PackageId, Path> fetch(Collection<Stanza> wanted, String extension, Progress progress) {
    Path store = Folders.create(folder.resolve(extension + "s"));
    Map<PackageId, Path> here = present(wanted, store, extension);
    List<PackageId> absent =
        wanted.stream().map(Stanza::id).filter(id -> !here.containsKey(id)).toList();
    progress.step(
        "download " + absent.size() + " of " + wanted.size() + " ." + extension + " files");
    long[] done = {0};
    for (int from = 0; from < absent.size(); from += NAMES_PER_CALL) {
      List<String> arguments = new ArrayList<>(List.of("download"));
      absent
          .subList(from, Math.min(absent.size(), from + NAMES_PER_CALL))
          .forEach(id -> arguments.add(id.name() + "=" + id.version()));
      apt("apt-get")
          .in(store)
          .status(
              line -> {
                note(line);
                if (line.startsWith("Get:")) {
                  progress.advance(++done[0], absent.size());
                }
              },
              arguments);
    }
    return present(wanted, store, extension);
  }

  /** Why a file was not handed out. */
  String failure(PackageId id) {
    return failures.getOrDefault(id.name(), "not downloaded; apt gave no reason");
  }

  private void note(String line) {
    Matcher m = FAILED.matcher(line);
    if (m.matches()) {
      failures.put(m.group(1).split("_", 2)[0], m.group(2));
    }
  }

  /** A file cut short by a kill has the right name but not the right size. */
  private static Map<PackageId, Path> present(
      Collection<Stanza> wanted, Path store, String extension) {
    Map<String, Path> byName = new HashMap<>();
    for (Path file : Folders.list(store)) {
      byName.put(PackageId.unescape(String.valueOf(file.getFileName())), file);
    }
    Map<PackageId, Path> found = new LinkedHashMap<>();
    for (Stanza stanza : wanted) {
      Path file = byName.get(stanza.id().aptFileName(extension));
      if (file != null && String.valueOf(Folders.size(file)).equals(stanza.get("Size"))) {
        found.put(stanza.id(), file);
      }
    }
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
