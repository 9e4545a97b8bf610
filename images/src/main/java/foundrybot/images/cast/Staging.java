// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.cast;

import foundrybot.images.BuildException;
import foundrybot.images.Tool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that is replaced as a whole. The output is a symbolic link to a numbered sibling; a
 * build fills a new sibling and then moves the link, which POSIX does in one step. A build that
 * fails or is killed leaves the link where it was, and the next one removes what it left.
 */
final class Staging implements AutoCloseable {
  private final Path output;
  private final Path folder;
  private final FileChannel lock;
  private boolean committed;

  private Staging(Path output, Path folder, FileChannel lock) {
    this.output = output;
    this.folder = folder;
    this.lock = lock;
  }

  /** Takes the lock of this output, cleans up after a killed build, and makes an empty folder. */
  static Staging open(Path output) {
    Path parent = parentOf(output);
    FileChannel lock = null;
    try {
      Files.createDirectories(parent);
      lock =
          FileChannel.open(
              sibling(output, "lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock.tryLock() == null) {
        lock.close();
        throw busy(output);
      }
      long highest = 0;
      for (Path old : generations(output)) {
        highest = Math.max(highest, generation(output, old));
        if (!isCurrent(output, old)) {
          remove(old);
        }
      }
      Path folder = Files.createDirectory(sibling(output, String.valueOf(highest + 1)));
      return new Staging(output, folder, lock);
    } catch (OverlappingFileLockException e) {
      throw busy(output);
    } catch (IOException e) {
      closeQuietly(lock);
      throw new BuildException(parent + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  Path folder() {
    return folder;
  }

  /** Makes what lies in the staging folder the output; durable before it is seen. */
  void commit() {
    try {
      for (Path file : list(folder)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
      if (Files.isDirectory(output, LinkOption.NOFOLLOW_LINKS)) {
        // A folder somebody made by hand: it cannot be replaced in one step, so it steps aside.
        Files.move(output, sibling(output, "0"));
      }
      Path link = sibling(output, "link");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, folder.getFileName());
      Files.move(link, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      committed = true;
      for (Path old : generations(output)) {
        if (!isCurrent(output, old)) {
          remove(old);
        }
      }
    } catch (IOException e) {
      throw new BuildException(output + ": cannot be replaced (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public void close() {
    if (!committed) {
      remove(folder);
    }
    closeQuietly(lock);
  }

  /** Removes a tree without leaving its file system, should a mount have been left inside. */
  static void remove(Path tree) {
    Tool.named("rm", "coreutils").run("-rf", "--one-file-system", "--", tree.toString());
  }

  private static BuildException busy(Path output) {
    return new BuildException(output + ": another build is running; wait for it or end it");
  }

  private static Path parentOf(Path output) {
    Path parent = output.toAbsolutePath().getParent();
    if (parent == null) {
      throw new BuildException(output + ": cannot be replaced; choose a folder below another");
    }
    return parent;
  }

  private static Path sibling(Path output, String suffix) {
    return output.resolveSibling("." + output.getFileName() + "." + suffix);
  }

  private static List<Path> generations(Path output) throws IOException {
    return list(parentOf(output)).stream().filter(path -> generation(output, path) >= 0).toList();
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    }
  }

  private static long generation(Path output, Path path) {
    String prefix = "." + output.getFileName() + ".";
    String name = String.valueOf(path.getFileName());
    String rest = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
    return rest.matches("[0-9]{1,15}") ? Long.parseLong(rest) : -1;
  }

  private static boolean isCurrent(Path output, Path candidate) throws IOException {
    return Files.isSymbolicLink(output)
        && Files.readSymbolicLink(output).getFileName().equals(candidate.getFileName());
  }

  private static void closeQuietly(@org.jspecify.annotations.Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The lock ends with the process at the latest.
      }
    }
  }
}
