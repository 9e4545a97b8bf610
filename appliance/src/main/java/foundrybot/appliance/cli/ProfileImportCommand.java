// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import foundrybot.answerfiles.Profile;
import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Puts boot files that came from elsewhere where the appliance serves them. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a profile's boot files (kernel, initrd, ...) into the data folder.",
      "Their digests are noted. docs/answer-files.md says where each system's files come from."
    })
final class ProfileImportCommand implements Callable<Integer> {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

  /** Of way mboot: made for a CD, it is changed so that its files are fetched from beside it. */
  private static final String BOOT_CFG = "boot.cfg";

  @Mixin private RackOption rack = new RackOption();

  @Mixin private DataOption data = new DataOption();

  @Parameters(index = "0", paramLabel = "PROFILE", description = "As 'profile list' names it.")
  private String name = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "[NAME=]FILE",
      description = "A file, with the name that the profile has for it if that is another.")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() {
    Profile profile = ProfileCommand.named(rack.source().path(), name);
    Path folder = data.path().resolve("artifacts").resolve(profile.artifacts());
    Map<String, Path> wanted = wanted();
    Map<String, Artifact> artifacts = present(folder);
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, Path> each : wanted.entrySet()) {
        artifacts.put(each.getKey(), staged(profile, each.getKey(), each.getValue(), folder));
      }
      putInPlace(wanted.keySet(), folder);
    } catch (IOException e) {
      throw new UserException(Main.FAILED, folder + ": cannot be written: " + e.getMessage());
    }
    new ArtifactManifest(
            profile.artifacts(),
            Instant.now().toString(),
            Map.of("imported", "yes"),
            List.copyOf(artifacts.values()))
        .write(folder);
    wanted.keySet().forEach(file -> System.out.println(folder.resolve(file) + ": imported"));
    List<String> missing = new ArrayList<>(List.of(profile.kernel()));
    missing.addAll(profile.initrds());
    if (profile.kind() == Profile.Kind.MBOOT) {
      missing.addAll(
          artifacts.containsKey(BOOT_CFG)
              ? bootCfg(folder.resolve(BOOT_CFG)).files()
              : List.of(BOOT_CFG));
    }
    missing.removeAll(artifacts.keySet());
    if (!missing.isEmpty()) {
      System.out.println("profile " + name + ": not there yet: " + String.join(", ", missing));
    }
    return 0;
  }

  private Map<String, Path> wanted() {
    Map<String, Path> wanted = new LinkedHashMap<>();
    for (String each : files) {
      int equals = each.indexOf('=');
      Path path = Path.of(each.substring(equals + 1));
      String as = equals < 0 ? String.valueOf(path.getFileName()) : each.substring(0, equals);
      if (!as.matches(NAME) || as.equals(ArtifactManifest.FILE_NAME)) {
        throw new UserException(
            Main.USAGE,
            "file: " + as + " (expected: letters, digits, '.', '_', '-'; or NAME=" + path + ")");
      }
      if (!Files.isRegularFile(path)) {
        throw new UserException(Main.FAILED, path + ": no such file; nothing was imported");
      }
      requireWithin(path);
      wanted.put(as, path);
    }
    return wanted;
  }

  /**
   * Who wrote an image chose its links, too, and root follows them: what is imported is served to
   * whoever asks for it.
   */
  private static void requireWithin(Path path) {
    try {
      Path real = path.toRealPath();
      Path folder = path.toAbsolutePath().resolveSibling("").toRealPath();
      if (!real.startsWith(folder)) {
        throw new UserException(
            Main.FAILED,
            path
                + ": a link to "
                + real
                + " (expected: no link out of its folder, which an image may have been given to get"
                + " at files of this machine); name that file itself if it is meant; nothing was"
                + " imported");
      }
    } catch (IOException e) {
      throw new UserException(Main.FAILED, path + ": cannot be read: " + e.getMessage());
    }
  }

  private static Map<String, Artifact> present(Path folder) {
    Map<String, Artifact> present = new TreeMap<>();
    if (Files.exists(folder.resolve(ArtifactManifest.FILE_NAME))) {
      ArtifactManifest.read(folder)
          .artifacts()
          .forEach(artifact -> present.put(artifact.name(), artifact));
    }
    return present;
  }

  private static boolean isBootCfg(Profile profile, String file) {
    return profile.kind() == Profile.Kind.MBOOT && file.equals(BOOT_CFG);
  }

  private static BootCfg bootCfg(Path file) {
    try {
      return BootCfg.forNetwork(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UserException(Main.FAILED, file + ": cannot be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new UserException(Main.FAILED, file + ": " + e.getMessage());
    }
  }

  /** Writes one beside the file of its name, which an appliance may be serving. */
  private static Artifact staged(Profile profile, String name, Path from, Path folder)
      throws IOException {
    Path temporary = staging(folder, name);
    if (isBootCfg(profile, name)) {
      Files.writeString(temporary, bootCfg(from).text(), StandardCharsets.ISO_8859_1);
    } else {
      Files.copy(from, temporary, StandardCopyOption.REPLACE_EXISTING);
    }
    return new Artifact(name, Files.size(temporary), ArtifactManifest.digestOf(temporary));
  }

  /** All at once, so that kernel and initrd of two releases lie together for no longer. */
  private static void putInPlace(Iterable<String> names, Path folder) throws IOException {
    for (String name : names) {
      Files.move(
          staging(folder, name),
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Path staging(Path folder, String name) {
    return folder.resolve(name + ".new");
  }
}
