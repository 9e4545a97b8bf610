// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Lines of machines' logs that the operating system may not have brought to the disk yet. Nobody
 * flushes these, and nobody was promised anything: a lost power may take what came lately.
 */
final class FreshLines {
  /** After so long a kernel writes back what nobody has flushed (Linux: dirty_expire_centisecs). */
  private static final Duration WRITTEN_BACK = Duration.ofSeconds(30);

  /**
   * Where the file of a machine ended.
   *
   * @param size bytes, before what was written since
   */
  private record Since(Duration at, long size) {}

  private final Path folder;
  private final Map<Mac, Since> fresh = new HashMap<>();

  /** Of the logs in that folder. */
  FreshLines(Path folder) {
    this.folder = folder;
  }

  /** A line of that machine is about to be written. */
  void comes(Mac mac, Duration now) {
    Since since = fresh.get(mac);
    if (since == null || now.minus(since.at()).compareTo(WRITTEN_BACK) > 0) {
      fresh.put(mac, new Since(now, size(file(mac))));
    }
  }

  /**
   * The power goes: each file ends somewhere behind what was written back. The appliance's files
   * must be closed.
   *
   * @return whose lines are lost, or torn
   */
  Set<Mac> cut(Random random, Duration now) {
    Set<Mac> lost = new LinkedHashSet<>();
    fresh.entrySet().stream()
        .filter(one -> now.minus(one.getValue().at()).compareTo(WRITTEN_BACK) <= 0)
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            one -> {
              Path file = file(one.getKey());
              long end = size(file);
              // A file that has become the one before since then is left as it is.
              long begin = Math.min(one.getValue().size(), end);
              long at = begin + random.nextLong(end - begin + 1);
              if (at < end) {
                truncate(file, at);
                lost.add(one.getKey());
              }
            });
    fresh.clear();
    return lost;
  }

  private Path file(Mac mac) {
    return folder.resolve(mac.toString().replace(':', '-') + ".log");
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": a log of the simulated appliance", e);
    }
  }

  static void truncate(Path file, long size) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": of the simulated appliance", e);
    }
  }
}
