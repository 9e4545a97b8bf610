// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's own files for machines that boot, in {@code DATA/tftp}: a closed table of the names
 * that were there when it was last looked at. A name from the wire is looked up in it and never
 * reaches the file system; a link that leads out of the folder is not in it.
 *
 * <p>Where the appliance signs, each file is digested when it is first seen and when it has
 * changed, so that its signature is of what lay there then and asking for one reads nothing. That
 * vouches for it, so only what nobody but root and the appliance's own user can have put there is
 * digested.
 */
final class OwnFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnFiles.class);

  /** A network drive that hangs or an editor's many ways to write are no reason to look oftener. */
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  static final int MAX_FILES = 10_000;
  private static final int MAX_DEPTH = 8;

  /** More than any kernel, initrd or script; the disk is for machines that install. */
  private static final long MAX_DIGESTED = 2L << 30;

  /** Rights to write for the group, and for all others. */
  private static final int OTHERS_WRITE = 0022;

  private static final int MAX_NAME = 255;

  /**
   * One file.
   *
   * @param version differs whenever the file has changed
   */
  record OwnFile(Path path, long size, String version) {}

  private record Listing(Map<String, OwnFile> files, List<String> leftOut) {}

  private final Path root;
  private final long ownUser = OwnUser.number();
  private final Thread watcher;

  /** SHA-256 of the files that are vouched for. */
  private final Map<OwnFile, String> digests = new ConcurrentHashMap<>();

  /** Those that are not, as the log knows. */
  private final Set<OwnFile> told = new HashSet<>();

  private volatile boolean vouches;
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

  /** From the next look at the folder on its files are vouched for. */
  void beginVouching() {
    vouches = true;
  }

  /** What a file held when it was last digested, 64 hexadecimal digits; empty without vouching. */
  Optional<String> sha256(OwnFile file) {
    return Optional.ofNullable(digests.get(file));
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        renew();
        if (vouches) {
          vouch();
        }
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

  /** Digests what is new in the listing, as far as it may be vouched for. */
  synchronized void vouch() {
    Set<OwnFile> all = Set.copyOf(listing.files().values());
    digests.keySet().retainAll(all);
    told.retainAll(all);
    for (OwnFile file : all) {
      if (digests.containsKey(file)) {
        continue;
      }
      try {
        Optional<String> objection = objection(file);
        if (objection.isEmpty()) {
          digest(file).ifPresent(sha256 -> digests.put(file, sha256));
        } else if (told.add(file)) {
          LOG.warn("not signed: {}: {}", file.path(), objection.get());
        }
      } catch (IOException e) {
        // It is going, or changing: the next look tells.
        LOG.debug("not digested: {}", file.path(), e);
      }
    }
  }

  /** Why a file is not to be vouched for. */
  private Optional<String> objection(OwnFile file) throws IOException {
    if (file.size() > MAX_DIGESTED) {
      return Optional.of(file.size() + " bytes (expected: at most " + MAX_DIGESTED + ")");
    }
    Path top = root.toRealPath();
    for (Path at = file.path(); at != null && at.startsWith(top); at = at.getParent()) {
      Map<String, Object> rights = Files.readAttributes(at, "unix:uid,mode");
      if (!(rights.get("uid") instanceof Integer uid && rights.get("mode") instanceof Integer mode)
          || (uid != 0 && uid != ownUser)
          || (mode & OTHERS_WRITE) != 0) {
        return Optional.of(
            at + " can be written by others (expected: by root and the appliance's user alone)");
      }
    }
    return Optional.empty();
  }

  /** Empty if it has changed meanwhile. */
  private static Optional<String> digest(OwnFile file) throws IOException {
    MessageDigest sha256 = sha256();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = Files.newInputStream(file.path())) {
      long left = file.size();
      for (int read = in.read(buffer); read >= 0 && left >= 0; read = in.read(buffer)) {
        sha256.update(buffer, 0, read);
        left -= read;
      }
      BasicFileAttributes now = Files.readAttributes(file.path(), BasicFileAttributes.class);
      return left == 0 && version(now).equals(file.version())
          ? Optional.of(HexFormat.of().formatHex(sha256.digest()))
          : Optional.empty();
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String version(BasicFileAttributes attributes) {
    return Long.toHexString(attributes.lastModifiedTime().toMillis())
        + "-"
        + Long.toHexString(attributes.size());
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
        files.put(name, new OwnFile(real, attributes.size(), version(attributes)));
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
