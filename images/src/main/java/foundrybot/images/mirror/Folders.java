// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** File operations whose failure names the file. */
final class Folders {
  private Folders() {}

  static Path create(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new BuildException(folder + ": folder cannot be made", e);
    }
  }

  static Path parent(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + ": no parent folder");
    }
    return parent;
  }

  static void write(Path file, byte[] bytes) {
    create(parent(file));
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be written", e);
    }
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    }
  }

  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    }
  }

  static void moveOver(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BuildException(to + ": cannot be put in place of the old one", e);
    }
  }

  /** A second name for the same bytes, or a copy where the file system has no links. */
  static void linkOrCopy(Path from, Path to) {
    create(parent(to));
    Path temporary = to.resolveSibling("." + to.getFileName() + ".new");
    try {
      Files.deleteIfExists(temporary);
      try {
        Files.createLink(temporary, from);
      } catch (IOException | UnsupportedOperationException e) {
        Files.copy(from, temporary);
      }
    } catch (IOException e) {
      throw new BuildException(to + ": cannot be copied from " + from, e);
    }
    moveOver(temporary, to);
  }

  static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new BuildException(folder + ": cannot be listed", e);
    }
  }

  /** All plain files below; links are not followed. */
  static List<Path> filesBelow(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new BuildException(folder + ": cannot be listed", e);
    }
  }
}
