// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The root file system's folder, seen the way its own system will see it: symbolic links, absolute
 * ones too, are followed inside the tree and never into the machine that builds it.
 */
final class FileTree {
  private static final int MAX_LINKS = 40;

  private final Path root;

  FileTree(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /** The file that a path inside the tree leads to; empty when there is none. */
  Optional<Path> find(String inside) {
    Deque<String> todo = new ArrayDeque<>(Arrays.asList(inside.split("/", -1)));
    Path at = root;
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.equals(root) ? root : parent(at);
        continue;
      }
      Path next = at.resolve(name);
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        return Optional.empty();
      }
      String target = linkTarget(next);
      at = target.startsWith("/") ? root : at;
      List<String> names = Arrays.asList(target.split("/", -1));
      for (int i = names.size() - 1; i >= 0; i--) {
        todo.push(names.get(i));
      }
    }
    return Files.exists(at, LinkOption.NOFOLLOW_LINKS) ? Optional.of(at) : Optional.empty();
  }

  Path get(String inside) {
    return find(inside)
        .orElseThrow(
            () ->
                new BuildException(
                    "root file system: /" + inside + " is missing; which package has lost it?"));
  }

  byte[] read(String inside) {
    return bytes(get(inside));
  }

  /** Names in a folder, sorted; none when the folder is missing. */
  List<String> names(String inside) {
    Optional<Path> folder = find(inside);
    if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(folder.get())) {
      return list.map(p -> String.valueOf(p.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new BuildException(folder.get() + ": cannot be read", e);
    }
  }

  void write(String inside, String permissions, String text) {
    Path file = root.resolve(inside);
    try {
      Files.createDirectories(parent(file));
      Files.deleteIfExists(file);
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be written", e);
    }
  }

  void link(String inside, String target) {
    Path file = root.resolve(inside);
    try {
      Files.createDirectories(parent(file));
      Files.deleteIfExists(file);
      Files.createSymbolicLink(file, Path.of(target));
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be written", e);
    }
  }

  /** Removes the entries of a folder whose name matches, with all below them. */
  void prune(String folder, String nameRegex) {
    for (String name : names(folder)) {
      if (name.matches(nameRegex)) {
        Staging.remove(get(folder).resolve(name));
      }
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BuildException(file + ": cannot be read", e);
    }
  }

  private static String linkTarget(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      throw new BuildException(link + ": cannot be read", e);
    }
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + ": has no parent");
    }
    return parent;
  }
}
