// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.qemu;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The appliance's own account of the rack, second by second: one {@code bootserver status --watch
 * --json} that is started again when it ends, because starting a JVM for each look would take its
 * time from the emulated machines.
 */
final class StatusFeed implements AutoCloseable {
  /** Bytes at the end of the file that are looked at: some statuses of a big rack. */
  private static final int TAIL = 1 << 19;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final Supplier<Child> start;
  private Optional<Child> watch = Optional.empty();

  /**
   * A feed that has not begun.
   *
   * @param start runs the command with its output appended to {@code file}
   */
  StatusFeed(Path file, Supplier<Child> start) {
    this.file = file;
    this.start = start;
  }

  /** The newest whole status; empty before the first. */
  Optional<JsonNode> latest() {
    if (watch.filter(Child::isAlive).isEmpty()) {
      watch = Optional.of(start.get());
    }
    try {
      return last(end(file).lines().toList());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RigException(file + ": cannot be read", e);
    }
  }

  private static String end(Path file) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      channel.position(Math.max(0, channel.size() - TAIL));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The last document of a stream of indented ones, among which may stand error messages. */
  static Optional<JsonNode> last(List<String> lines) {
    int end = lines.lastIndexOf("}");
    int begin = end < 0 ? -1 : lines.subList(0, end).lastIndexOf("{");
    if (begin < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(String.join("\n", lines.subList(begin, end + 1))));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    watch.ifPresent(Child::close);
    watch = Optional.empty();
  }
}
