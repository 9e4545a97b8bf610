// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's own files for machines that boot, in {@code DATA/tftp}: a closed table of the names
 * that were there when it was last looked at. A name from the wire is looked up in it and never
 * reaches the file system; a link that leads out of the folder is not in it.
 */
final class OwnFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnFiles.class);

  /** A network drive that hangs or an editor's many ways to write are no reason to look oftener. */
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  static final int MAX_FILES = 10_000;
  private static final int MAX_DEPTH = 8;
  private static final int MAX_NAME = 255;

  /**
   * One file.
   *
   * @param version differs whenever the file has changed
   */
  record OwnFile(Path path, long size, String version) {}

  private record Listing(Map<String, OwnFile> files, List<String> leftOut) {}

  private final Path root;
  private final Thread watcher;
  private volatile Listing listing = new Listing(Map.of(), List.of());

  private OwnFiles(Path root) {
    this.root = root;
    renew();
    this.watcher = Thread.ofVirtual().name("own-files").unstarted(this::watch);
  }

  /** Lists a folder, which may be missing, now and whenever it has changed. */
  static OwnFiles in(Path root) {
    OwnFiles own = new OwnFiles(root);
    own.watcher.start();
    return own;
  }

  /** By its path below the folder, with single slashes. */
  Optional<OwnFile> find(String name) {
    return Optional.ofNullable(listing.files().get(name));
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        renew();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at the folder again. */
  void renew() {
    Listing now;
    try {
      now = Files.isDirectory(root) ? list(root.toRealPath()) : new Listing(Map.of(), List.of());
    } catch (IOException e) {
      now = new Listing(listing.files(), List.of(root + ": cannot be read: " + e));
    }
    if (!now.equals(listing)) {
      if (!now.files().equals(listing.files())) {
        LOG.info("own boot files in force folder={} files={}", root, now.files().size());
      }
      now.leftOut().stream().limit(10).forEach(reason -> LOG.warn("not served: {}", reason));
      listing = now;
    }
  }

  private static Listing list(Path root) throws IOException {
    Map<String, OwnFile> files = new HashMap<>();
    List<String> leftOut = new ArrayList<>();
    Files.walkFileTree(
        root,
        EnumSet.noneOf(FileVisitOption.class),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (files.size() >= MAX_FILES) {
              leftOut.add(root + ": more than " + MAX_FILES + " files; the rest is left out");
              return FileVisitResult.TERMINATE;
            }
            add(root, file, attributes, files, leftOut);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException problem) {
            leftOut.add(file + ": cannot be read");
            return FileVisitResult.CONTINUE;
          }
        });
    return new Listing(Map.copyOf(files), List.copyOf(leftOut));
  }

  private static void add(
      Path root,
      Path file,
      BasicFileAttributes found,
      Map<String, OwnFile> files,
      List<String> leftOut) {
    String name = root.relativize(file).toString();
    if (("/" + name).contains("/.")) {
      return;
    }
    if (name.length() > MAX_NAME
        || !name.chars().allMatch(c -> c >= 0x20 && c < 0x7f && c != '\\')) {
      leftOut.add(
          file + ": name (expected: at most " + MAX_NAME + " letters, digits and signs of ASCII)");
      return;
    }
    try {
      Path real = file.toRealPath();
      BasicFileAttributes attributes =
          found.isSymbolicLink()
              ? Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              : found;
      if (!real.startsWith(root)) {
        leftOut.add(file + ": a link to " + real + " (expected: inside " + root + ")");
      } else if (!attributes.isRegularFile()) {
        leftOut.add(file + ": neither a file nor a link to one");
      } else if (!Files.isReadable(real)) {
        leftOut.add(file + ": not readable for this process");
      } else {
        String version =
            Long.toHexString(attributes.lastModifiedTime().toMillis())
                + "-"
                + Long.toHexString(attributes.size());
        files.put(name, new OwnFile(real, attributes.size(), version));
      }
    } catch (IOException e) {
      leftOut.add(file + ": leads nowhere");
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
