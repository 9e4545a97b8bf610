// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.images.ArtifactManifest;
import foundrybot.images.ArtifactManifest.Artifact;
import foundrybot.images.BuildException;
import foundrybot.ipxe.BootPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where boot programs come from, and by what they are known there. */
public final class ProgramFolder {
  private ProgramFolder() {}

  /** Where {@code bootserver loaders fetch} puts them. */
  public static Path in(Path data) {
    return data.resolve("boot-programs");
  }

  /** The one that was named, else what was fetched into the data folder, else the system's. */
  public static Optional<Path> choose(Optional<Path> named, Path data) {
    return named.or(() -> Optional.of(in(data)).filter(ProgramFolder::isFetched));
  }

  private static boolean isFetched(Path folder) {
    return Files.exists(folder.resolve(ArtifactManifest.FILE_NAME));
  }

  /**
   * What is expected in the folder: what its manifest says, or else the programs of Debian 12.
   *
   * @throws StartException if the manifest cannot be read
   */
  static BootPrograms expected(Optional<Path> folder) {
    if (folder.filter(ProgramFolder::isFetched).isEmpty()) {
      return folder.map(BootPrograms.debian12()::in).orElse(BootPrograms.debian12());
    }
    try {
      ArtifactManifest manifest = ArtifactManifest.read(folder.get());
      return BootPrograms.of(
          folder.get(),
          manifest.artifacts().stream()
              .collect(Collectors.toUnmodifiableMap(Artifact::name, Artifact::sha256)));
    } catch (BuildException e) {
      throw new StartException(
          String.valueOf(e.getMessage()) + ", with 'bootserver loaders fetch'");
    }
  }
}
