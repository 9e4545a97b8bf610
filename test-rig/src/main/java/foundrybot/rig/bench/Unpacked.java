// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A peer whose package conflicts with another's: Debian has either atftpd or tftpd-hpa installed.
 * It is fetched and unpacked beside the build's results, and kept there.
 */
final class Unpacked {
  private static final Path FOLDER = Path.of("target", "bench-peers");

  private Unpacked() {}

  /** The program, if it was unpacked before or can be now. */
  static Optional<Path> atftpd() {
    Path folder = Product.home().resolve(FOLDER);
    Path program = folder.resolve("usr/sbin/atftpd");
    if (Files.isExecutable(program)) {
      return Optional.of(program);
    }
    if (Shell.find("apt-get").isEmpty() || Shell.find("dpkg").isEmpty()) {
      return Optional.empty();
    }
    try {
      Files.createDirectories(folder);
      var _ = Shell.run(folder, 60, List.of("apt-get", "download", "-q", "atftpd"));
      Optional<Path> archive;
      try (Stream<Path> files = Files.list(folder)) {
        archive = files.filter(file -> file.toString().endsWith(".deb")).findFirst();
      }
      archive.ifPresent(file -> Shell.must("dpkg", "-x", file.toString(), folder.toString()));
    } catch (IOException | BenchException e) {
      System.err.println("bench: atftpd: not unpacked: " + e.getMessage());
    }
    return Optional.of(program).filter(Files::isExecutable);
  }
}
