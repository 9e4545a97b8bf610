// SPDX-License-Identifier: Apache-2.0
package foundrybot.images.mirror;

import foundrybot.images.BuildException;
import foundrybot.images.FileTrees;
import foundrybot.images.Tool;
import foundrybot.images.mirror.MirrorRequest.Suite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * The served tree. Files of the pool are only added; the indices are written aside and come into
 * force by one rename of the link {@code dists}, so a build that is killed leaves the old mirror.
 */
final class MirrorTree {
  private static final DateTimeFormatter RELEASE_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Path root;
  private int added;

  MirrorTree(Path root) {
    this.root = Folders.create(root);
  }

  Path root() {
    return root;
  }

  /** Files that were not in the pool before. */
  int added() {
    return added;
  }

  /** Puts a file where its paragraph says; it has to be what the paragraph says. */
  void addToPool(Stanza stanza, Path file) {
    Path target = root.resolve(stanza.get("Filename")).normalize();
    if (!target.startsWith(root.resolve("pool"))) {
      throw new BuildException(
          stanza.id() + ": Filename " + stanza.get("Filename") + " (expected: below pool/)");
    }
    if (Files.isRegularFile(target)
        && String.valueOf(Folders.size(target)).equals(stanza.get("Size"))) {
      return;
    }
    Digests.requireMatch(stanza, file);
    Folders.linkOrCopy(file, target);
    added++;
  }

  /**
   * The index of some packages; an empty line ends each, the last one too (debootstrap needs it).
   */
  static String index(List<Stanza> stanzas) {
    StringBuilder text = new StringBuilder();
    stanzas.stream()
        .sorted(Comparator.comparing(Stanza::id, Comparator.comparing(PackageId::toString)))
        .forEach(stanza -> text.append(stanza).append('\n'));
    return text.toString();
  }

  /**
   * Writes and signs the indices and brings them into force.
   *
   * @param indices per release and folder below it ("main/binary-amd64"), the packages
   * @return whether the mirror says anything else than before
   */
  boolean publish(Map<Suite, Map<String, List<Stanza>>> indices, MirrorKey key, Instant now) {
    Path store = Folders.create(root.resolve(".dists"));
    Path stage = store.resolve("new");
    FileTrees.delete(stage);
    StringBuilder identity = new StringBuilder(Digests.of("SHA-256", key.publicKeyring()));
    Map<Suite, String> releases = new TreeMap<>();
    indices.forEach(
        (suite, folders) -> {
          Path folder = Folders.create(stage.resolve(suite.codename()));
          folders.forEach((name, stanzas) -> writeIndex(folder, suite, name, stanzas));
          String sums = checksums(folder);
          identity.append(suite.codename()).append(sums);
          releases.put(suite, release(suite, now, sums));
        });
    String name =
        Digests.of("SHA-256", identity.toString().getBytes(StandardCharsets.UTF_8))
            .substring(0, 16);
    Path link = root.resolve("dists");
    Path wanted = Path.of(".dists", name);
    try {
      if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(wanted)) {
        FileTrees.delete(stage);
        return false;
      }
      releases.forEach((suite, text) -> sign(stage.resolve(suite.codename()), text, key, now));
      FileTrees.delete(store.resolve(name));
      Folders.moveOver(stage, store.resolve(name));
      Path fresh = root.resolve(".dists-link.new");
      Files.deleteIfExists(fresh);
      Files.createSymbolicLink(fresh, wanted);
      Folders.moveOver(fresh, link);
      for (Path old : Folders.list(store)) {
        if (!old.equals(store.resolve(name))) {
          FileTrees.delete(old);
        }
      }
      return true;
    } catch (IOException e) {
      throw new BuildException(link + ": cannot be switched to the new indices", e);
    }
  }

  private static void writeIndex(Path folder, Suite suite, String name, List<Stanza> stanzas) {
    byte[] text = index(stanzas).getBytes(StandardCharsets.UTF_8);
    Path packages = folder.resolve(name).resolve("Packages");
    Folders.write(packages, text);
    Folders.write(packages.resolveSibling("Packages.gz"), gzip(text));
    Tool.named("xz", "xz-utils").run("--keep", "--force", "--threads=1", packages.toString());
    Folders.write(
        packages.resolveSibling("Release"),
        componentRelease(suite, name).getBytes(StandardCharsets.UTF_8));
  }

  /** What choose-mirror greps for before it accepts a mirror for this architecture. */
  static String componentRelease(Suite suite, String folder) {
    return """
    Archive: %s
    Origin: Debian
    Label: Debian
    Version: %s
    Component: %s
    Architecture: amd64
    """
        .formatted(suite.codename(), suite.version(), folder.substring(0, folder.lastIndexOf('/')));
  }

  static String release(Suite suite, Instant now, String checksums) {
    return """
    Origin: Debian
    Label: Debian
    Suite: %1$s
    Version: %2$s
    Codename: %1$s
    Date: %3$s
    Architectures: amd64
    Components: main
    Description: partial mirror, signed by its FoundryBot appliance
    SHA256:
    %4$s\
    """
        .formatted(suite.codename(), suite.version(), RELEASE_DATE.format(now), checksums);
  }

  private static String checksums(Path folder) {
    List<String> lines = new ArrayList<>();
    for (Path file : Folders.filesBelow(folder)) {
      byte[] bytes = Folders.read(file);
      lines.add(
          " %s %d %s\n"
              .formatted(Digests.of("SHA-256", bytes), bytes.length, folder.relativize(file)));
    }
    return String.join("", lines);
  }

  private static void sign(Path folder, String text, MirrorKey key, Instant now) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Folders.write(folder.resolve("Release"), bytes);
    Folders.write(folder.resolve("Release.gpg"), key.detached(bytes, now));
    Folders.write(folder.resolve("InRelease"), key.clearSigned(text, now));
  }

  private static byte[] gzip(byte[] text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text);
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory", e);
    }
    return bytes.toByteArray();
  }
}
