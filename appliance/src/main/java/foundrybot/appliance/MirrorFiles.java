// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.appliance.ArtifactLibrary.Item;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the appliance's own Debian mirror: a closed table, made anew when a build has put
 * another {@code dists} in place, so that nobody gets an index of one build and packages of
 * another.
 */
final class MirrorFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MirrorFiles.class);

  private record Table(Optional<Path> edition, Map<String, Item> byName) {}

  private final Path root;
  private volatile Table table;

  private MirrorFiles(Path root) throws IOException {
    this.root = root;
    this.table = read(root);
  }

  /** Reads what is there; a mirror that is not there is empty. */
  static MirrorFiles in(Path root) {
    try {
      return new MirrorFiles(root);
    } catch (IOException | UncheckedIOException e) {
      throw new StartException(root + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A file by its path below the mirror's root. Only who asks for an index can need a new edition:
   * the packages that it names are asked for afterwards.
   */
  Optional<Item> find(String path) {
    if (path.startsWith("dists/") && !edition(root).equals(table.edition())) {
      renew();
    }
    return Optional.ofNullable(table.byName().get(path));
  }

  private synchronized void renew() {
    try {
      table = read(root);
    } catch (IOException | UncheckedIOException e) {
      LOG.error("mirror cannot be read, its old table stays root={} reason={}", root, e.toString());
    }
  }

  private static Optional<Path> edition(Path root) {
    try {
      return Optional.of(root.resolve("dists").toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Table read(Path root) throws IOException {
    Optional<Path> edition = edition(root);
    Map<String, Item> byName = new HashMap<>();
    if (Files.isDirectory(root)) {
      // The build puts dists in place as a link.
      try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
        for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
          String name = root.relativize(file).toString();
          byName.put(name, new Item(file.toRealPath(), Files.size(file), ""));
        }
      }
    }
    return new Table(edition, Map.copyOf(byName));
  }
}
