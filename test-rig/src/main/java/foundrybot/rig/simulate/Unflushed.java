// SPDX-License-Identifier: Apache-2.0
package foundrybot.rig.simulate;

import foundrybot.answerfiles.Mac;
import foundrybot.appliance.lifecycle.Fact;
import foundrybot.appliance.lifecycle.NodeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The end of the journal that was written and not flushed: what the operating system may not have
 * brought to the disk when the power goes. Nobody was told that anything in it is durable.
 */
final class Unflushed {
  /**
   * A record.
   *
   * @param place as the store has it: the number in its file's name, and its byte there
   */
  private record Written(long place, Fact fact) {}

  private final Path folder;
  private final List<Written> written = new ArrayList<>();

  /** Where machines stood before the first of these facts. */
  private final Map<Mac, NodeState> before = new LinkedHashMap<>();

  /** How many of these facts the simulation's own log knows. */
  private int told;

  private boolean isOnDisk;

  /** Of the journal in that folder, all of which is on the disk. */
  Unflushed(Path folder) {
    this.folder = folder;
  }

  /** A group of facts is about to be written. */
  void begins(List<Fact> more, Function<Mac, NodeState> states) {
    for (Fact fact : more) {
      Mac.parse(fact.mac()).ifPresent(mac -> before.computeIfAbsent(mac, states));
    }
  }

  void add(long[] places, List<Fact> more) {
    isOnDisk = false;
    for (int i = 0; i < places.length; i++) {
      written.add(new Written(places[i], more.get(i)));
    }
  }

  /** All that was added is in the simulation's own log. */
  void areTold() {
    told = written.size();
  }

  /** The disk has what was added until now. */
  void flush() {
    isOnDisk = true;
  }

  /** What was flushed is known to who waited for it. */
  void forget() {
    written.clear();
    before.clear();
    told = 0;
  }

  /**
   * What a lost power left.
   *
   * @param states where the machines stand whose facts were among those that were not flushed, by
   *     what is left of these
   * @param unheard facts that are left, and that the simulation's log has not
   * @param lost how many are gone
   */
  record Left(Map<Mac, NodeState> states, List<Fact> unheard, int lost) {}

  /**
   * The power goes: the file ends somewhere behind what was flushed. The store must be closed.
   *
   * @param random where
   */
  Left cut(Random random) {
    Optional<Path> newest = newest(folder);
    if (newest.isEmpty()) {
      return new Left(Map.of(), List.of(), 0);
    }
    long end = end(newest.get());
    long begin = begin(newest.get());
    long flushed = isOnDisk || written.isEmpty() ? end : written.getFirst().place();
    long at = Math.max(begin, flushed) + random.nextLong(end - Math.max(begin, flushed) + 1);
    truncate(newest.get(), at - begin);
    Left left = left(at, end);
    forget();
    return left;
  }

  private Left left(long at, long end) {
    Map<Mac, NodeState> states = new LinkedHashMap<>(before);
    List<Fact> unheard = new ArrayList<>();
    int lost = 0;
    for (int i = 0; i < written.size(); i++) {
      Fact fact = written.get(i).fact();
      long after = i + 1 < written.size() ? written.get(i + 1).place() : end;
      if (after > at) {
        lost++;
        continue;
      }
      Mac.parse(fact.mac())
          .ifPresent(mac -> states.computeIfPresent(mac, (_, state) -> state.after(fact)));
      if (i >= told) {
        unheard.add(fact);
      }
    }
    return new Left(states, unheard, lost);
  }

  private static void truncate(Path file, long size) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": the journal of the simulated appliance", e);
    }
  }

  /** The file of the journal that is written now. */
  static Optional<Path> newest(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".facts")).max(Path::compareTo);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": the state of the simulated appliance", e);
    }
  }

  /** The place of its first record. */
  private static long begin(Path file) {
    String name = String.valueOf(file.getFileName());
    return Long.parseLong(name.substring(0, name.indexOf('.')));
  }

  private static long end(Path file) {
    try {
      return begin(file) + Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": the journal of the simulated appliance", e);
    }
  }
}
