// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.Progress;
import foundrybot.images.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes boot programs out of the iPXE package of a newer Debian release than the machine's own: for
 * newer builds, and for instruction sets that the machine's own package has none for. The package
 * is never installed; apt verifies it by the archive's signature, and every file must digest to
 * what is known of that version.
 */
public final class LoaderPackage {
  /** The fact of the manifest that says what the programs are. */
  public static final String PACKAGE = "package";

  private static final String NAME = "ipxe";

  /**
   * A program of another package, known by the archive's signature alone.
   *
   * @param path in the package, without a slash in front
   * @param name that it gets
   */
  public record Signed(String debianPackage, String path, String name) {}

  /**
   * What is wanted.
   *
   * @param folder gets the programs and their manifest, and apt's private state below {@code apt}
   * @param suite code name of the release
   * @param sources the machine's own entries for Debian's archive
   * @param codename the release of those entries
   * @param wanted names below {@code /usr/lib/ipxe}; one that a version lacks is left out
   * @param known digests by version, then by name, lower-case hexadecimal
   * @param unpinned whether a version is taken of which no digests are known
   * @param signed further programs, which machines check by their signatures
   */
  public record Request(
      Path folder,
      String suite,
      List<AptSource> sources,
      String codename,
      List<String> wanted,
      Map<String, Map<String, String>> known,
      boolean unpinned,
      List<Signed> signed) {
    public Request {
      folder = folder.toAbsolutePath().normalize();
      sources = List.copyOf(sources);
      wanted = List.copyOf(wanted);
      known = Map.copyOf(known);
      signed = List.copyOf(signed);
    }
  }

  private LoaderPackage() {}

  /**
   * Downloads, verifies and puts the programs into the folder, the manifest last.
   *
   * @throws BuildException if apt fails, or a file is not what it must be
   */
  public static ArtifactManifest fetch(Request request, Clock clock, Progress progress) {
    AptRoot apt = open(request);
    apt.update(progress);
    Path work = request.folder().resolve("apt").resolve("unpacked");
    FileTrees.delete(work);
    Stanza stanza = find(apt, NAME, request);
    Map<String, String> digests = digests(request, stanza.get("Version"));
    Map<String, Path> files = new LinkedHashMap<>();
    Path programs = unpacked(apt, stanza, work, progress).resolve("usr/lib/ipxe");
    progress.step("check the programs of " + stanza.id());
    List<Artifact> artifacts = new ArrayList<>(checked(request, digests, programs));
    artifacts.forEach(program -> files.put(program.name(), programs.resolve(program.name())));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(PACKAGE, NAME + " " + stanza.get("Version"));
    facts.put("suite", request.suite());
    for (Signed signed : request.signed()) {
      Stanza other = find(apt, signed.debianPackage(), request);
      Path file = unpacked(apt, other, work, progress).resolve(signed.path());
      Path named = file.resolveSibling(signed.name());
      Folders.write(named, Folders.read(file));
      artifacts.add(Artifact.of(named));
      files.put(signed.name(), named);
      facts.put(signed.debianPackage(), other.get("Version"));
    }
    ArtifactManifest manifest =
        new ArtifactManifest(NAME, clock.instant().toString(), facts, artifacts);
    files.forEach(
        (name, file) -> {
          Path fresh = request.folder().resolve(name + ".new");
          Folders.write(fresh, Folders.read(file));
          Folders.moveOver(fresh, request.folder().resolve(name));
        });
    manifest.write(request.folder());
    FileTrees.delete(work);
    return manifest;
  }

  private static Stanza find(AptRoot apt, String name, Request request) {
    return apt.available().stream()
        .filter(candidate -> candidate.get("Package").equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BuildException(
                    name
                        + ": not in the package lists of "
                        + request.suite()
                        + "; name another suite"));
  }

  /** The files of a package that apt and its digest have verified. */
  private static Path unpacked(AptRoot apt, Stanza stanza, Path work, Progress progress) {
    Path deb = apt.fetch(List.of(stanza), "deb", progress).get(stanza.id());
    if (deb == null) {
      throw new BuildException(stanza.id() + ": " + apt.failure(stanza.id()));
    }
    Digests.requireMatch(stanza, deb);
    Path unpacked = Folders.create(work.resolve(stanza.get("Package")));
    Tool.named("dpkg-deb", "dpkg").run("-x", deb.toString(), unpacked.toString());
    return unpacked;
  }

  private static AptRoot open(Request request) {
    List<AptSource> sources =
        request.sources().stream()
            .filter(source -> source.suite().equals(request.codename()))
            .map(source -> source.with(request.suite(), List.of("main")))
            .distinct()
            .toList();
    return AptRoot.open(request.folder().resolve("apt").resolve(request.suite()), sources);
  }

  /** Empty where none are known, and need not be. */
  private static Map<String, String> digests(Request request, String version) {
    Optional<Map<String, String>> digests = Optional.ofNullable(request.known().get(version));
    if (digests.isEmpty() && !request.unpinned()) {
      throw new BuildException(
          "ipxe "
              + version
              + " of "
              + request.suite()
              + ": no digests are known of this version (expected: "
              + String.join(" or ", request.known().keySet())
              + "); name another suite, or take it by the archive's signature alone with"
              + " --unpinned");
    }
    return digests.orElse(Map.of());
  }

  private static List<Artifact> checked(Request request, Map<String, String> digests, Path folder) {
    List<Artifact> programs = new ArrayList<>();
    for (String name : request.wanted()) {
      if (!Files.isRegularFile(folder.resolve(name))) {
        continue;
      }
      Artifact program = Artifact.of(folder.resolve(name));
      String expected = digests.getOrDefault(name, "");
      if (!digests.isEmpty() && !program.sha256().equals(expected)) {
        throw new BuildException(
            folder.resolve(name)
                + ": sha256 "
                + program.sha256()
                + " (expected: "
                + (expected.isEmpty() ? "none known for this name" : expected)
                + "); nothing was changed");
      }
      programs.add(program);
    }
    if (programs.isEmpty()) {
      throw new BuildException(folder + ": none of " + request.wanted() + " is in the package");
    }
    return programs;
  }
}
