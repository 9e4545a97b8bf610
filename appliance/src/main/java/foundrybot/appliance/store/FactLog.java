// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All facts in their order, in a folder of files. A fact's position is its byte in all files put
 * together, and each file is named by the position at which it begins. Each record names the record
 * before it and the one before it of the same machine, so that memory has to hold one number for a
 * machine, however much was told of it.
 */
final class FactLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FactLog.class);
  private static final String SUFFIX = ".facts";

  /** Bytes after which the next file is begun. */
  private static final long FULL = 16 << 20;

  private static final long NONE = -1;

  private final Path folder;
  private final NavigableMap<Long, Path> files = new TreeMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private long last = NONE;
  private long begin;
  private LogFile file;

  private FactLog(Path folder) throws IOException {
    this.folder = folder;
    try (Stream<Path> there = Files.list(folder)) {
      there
          .filter(path -> path.toString().endsWith(SUFFIX))
          .forEach(path -> files.put(position(path), path));
    }
    this.begin = files.isEmpty() ? 0 : files.lastKey();
    this.file = LogFile.open(path(begin));
    files.put(begin, file.path());
  }

  /** Opens what is there; what a kill has torn at its end is cut off. */
  static FactLog open(Path folder) throws IOException {
    FactLog log = new FactLog(folder);
    try {
      log.index();
      return log;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private Path path(long position) {
    return folder.resolve(String.format("%016d%s", position, SUFFIX));
  }

  private static long position(Path path) {
    String name = path.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
  }

  private void index() throws IOException {
    for (Map.Entry<Long, Path> one : files.entrySet()) {
      long from = one.getKey();
      long size = Files.size(one.getValue());
      long whole =
          LogFile.scan(
              one.getValue(),
              (payload, at) -> {
                last = from + at;
                newest.put(Entry.mac(payload), last);
              });
      if (whole < size && from != begin) {
        throw new IOException(one.getValue().getFileName() + " is damaged at byte " + whole);
      }
      if (whole < size) {
        LOG.warn("{}: {} bytes of a torn record are cut off", one.getValue(), size - whole);
        file.cut(whole);
      }
    }
  }

  /** One record: two links, then the fact. */
  private record Entry(long before, long beforeOfMachine, Fact fact) {
    private static final int MAC = 3 * Long.BYTES;

    void putInto(ByteBuffer out) {
      out.putLong(before).putLong(beforeOfMachine);
      Texts.put(out, fact.at());
      Texts.put(out, fact.mac());
      Texts.put(out, fact.kind());
      Texts.put(out, fact.detail());
    }

    static Entry of(ByteBuffer in) {
      return new Entry(
          in.getLong(),
          in.getLong(),
          new Fact(Texts.time(in), Texts.get(in), Texts.get(in), Texts.get(in)));
    }

    static String mac(ByteBuffer in) {
      return Texts.get(in.position(MAC));
    }
  }

  /** Writes these facts; they survive the end of this process. */
  synchronized void append(List<Fact> facts) throws IOException {
    if (file.end() > FULL) {
      beginNext();
    }
    for (Fact fact : facts) {
      long position = begin + file.end();
      Long before = newest.put(fact.mac(), position);
      Entry entry = new Entry(last, before == null ? NONE : before, fact);
      file.add(entry::putInto);
      last = position;
    }
    file.write();
  }

  private void beginNext() throws IOException {
    file.force();
    long next = begin + file.end();
    LogFile opened = LogFile.open(path(next));
    file.close();
    file = opened;
    begin = next;
    files.put(next, opened.path());
  }

  /** What was appended survives the loss of power, too. */
  synchronized void force() throws IOException {
    file.force();
  }

  /** Hands all facts that are wanted to {@code each}, oldest first. */
  void replay(Predicate<Fact> wanted, Consumer<Fact> each) throws IOException {
    for (Path path : files().values()) {
      LogFile.scan(
          path,
          (payload, _) -> {
            Fact fact = Entry.of(payload).fact();
            if (wanted.test(fact)) {
              each.accept(fact);
            }
          });
    }
  }

  /** The newest facts of one machine, newest first. */
  List<Fact> history(String mac, int limit) throws IOException {
    List<Fact> found = new ArrayList<>();
    try (Walk walk = new Walk(newestOf(mac))) {
      for (Optional<Entry> at = walk.next(); at.isPresent(); at = walk.next()) {
        found.add(at.get().fact());
        if (found.size() == limit) {
          break;
        }
        walk.goTo(at.get().beforeOfMachine());
      }
    }
    return found;
  }

  /** The newest facts that are wanted among the {@code looked} newest of all, newest first. */
  List<Fact> newest(Predicate<Fact> wanted, int limit, int looked) throws IOException {
    List<Fact> found = new ArrayList<>();
    try (Walk walk = new Walk(newestOfAll())) {
      for (int i = 0; i < looked && found.size() < limit; i++) {
        Optional<Entry> at = walk.next();
        if (at.isEmpty()) {
          break;
        }
        at.map(Entry::fact).filter(wanted).ifPresent(found::add);
        walk.goTo(at.get().before());
      }
    }
    return found;
  }

  private synchronized long newestOf(String mac) {
    return newest.getOrDefault(mac, NONE);
  }

  private synchronized long newestOfAll() {
    return last;
  }

  private synchronized NavigableMap<Long, Path> files() {
    return new TreeMap<>(files);
  }

  /** Goes along the links, with one file open at a time. */
  private final class Walk implements AutoCloseable {
    private final NavigableMap<Long, Path> there = files();
    private Optional<FileChannel> open = Optional.empty();
    private long from = Long.MAX_VALUE;
    private long position;

    private Walk(long position) {
      this.position = position;
    }

    void goTo(long link) {
      position = link;
    }

    /** The record at this place; empty where the links end. */
    Optional<Entry> next() throws IOException {
      Map.Entry<Long, Path> holder = there.floorEntry(position);
      if (position == NONE || holder == null) {
        return Optional.empty();
      }
      if (open.isEmpty() || from != holder.getKey()) {
        close();
        from = holder.getKey();
        open = Optional.of(FileChannel.open(holder.getValue(), StandardOpenOption.READ));
      }
      return LogFile.read(open.get(), position - from).map(Entry::of);
    }

    @Override
    public void close() throws IOException {
      if (open.isPresent()) {
        open.get().close();
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
