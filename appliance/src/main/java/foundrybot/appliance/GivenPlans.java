// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What each node was given in its last run, a file for each in {@code DATA/plans}, so that an
 * operator sees what another installation would change. It is a memory for people: nothing is
 * decided by it, and one that is lost costs no more than the comparison.
 */
public final class GivenPlans {
  private static final Logger LOG = LoggerFactory.getLogger(GivenPlans.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SUFFIX = ".json";
  private static final long MAX_BYTES = 16L << 20;

  /**
   * What a node was given.
   *
   * @param run whose number its status shows
   * @param at ISO 8601 with Z: when its installer was given the first answer file
   */
  public record Given(int run, String at, NodePlan plan) {}

  /** Runs whose plan is kept already, by node. */
  private final Map<Mac, Integer> kept = new ConcurrentHashMap<>();

  private final Path folder;
  private final InstantSource clock;
  private final boolean keeping;

  private GivenPlans(Path folder, InstantSource clock, boolean keeping) {
    this.folder = folder;
    this.clock = clock;
    this.keeping = keeping;
  }

  /** Of machines that are none: nothing is kept of what they were given. */
  static GivenPlans none() {
    return new GivenPlans(Path.of("plans"), InstantSource.system(), false);
  }

  /** Those of an appliance's data folder; nothing is made before something is kept. */
  public static GivenPlans in(Path data, InstantSource clock) {
    return new GivenPlans(data.resolve("plans"), clock, true);
  }

  /**
   * The last one of a node; empty if it was never given anything.
   *
   * @throws IOException if there is one that cannot be read
   */
  public Optional<Given> of(Mac node) throws IOException {
    Path file = file(node);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException(file + ": more than " + MAX_BYTES + " bytes");
    }
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), Given.class));
    } catch (JacksonException e) {
      throw new IOException(file + ": no plan (" + e.getOriginalMessage() + "); delete it", e);
    }
  }

  /** The machines of which there is one, in the order of their MACs. */
  public List<Mac> machines() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Mac> found = new ArrayList<>();
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()).replace('-', ':'))
          .forEach(text -> Mac.parse(text).ifPresent(found::add));
      return found.stream().sorted().toList();
    }
  }

  /** Whether that run's is still to be kept; who is told yes keeps it. */
  boolean lacks(Mac node, int run) {
    Integer before = kept.put(node, run);
    return keeping && (before == null || before != run);
  }

  /** Keeps what a node is given in a run, in place of what it was given before. */
  void keep(Mac node, int run, NodePlan plan) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SecretFile.write(
          file(node), JSON.writeValueAsBytes(new Given(run, clock.instant().toString(), plan)));
    } catch (IOException e) {
      LOG.warn("not kept for 'bootserver plan' node={} problem={}", plan.name(), e.toString());
    }
  }

  private Path file(Mac node) {
    return folder.resolve(node.toString().replace(':', '-') + SUFFIX);
  }
}
