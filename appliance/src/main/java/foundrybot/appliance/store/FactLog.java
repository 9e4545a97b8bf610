// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.images.FileTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All facts in their order, in a folder of files. A fact's position is its byte in all files put
 * together, and each file is named by the position at which it begins. Each record names the record
 * before it and the one before it of the same machine, so that memory has to hold one number for a
 * machine, however much was told of it.
 *
 * <p>What is pruned goes with all that is kept of the oldest files into one file, whose name also
 * says at which position the next one begins. Links from later files into it are not followed, but
 * begin anew at its last records: positions in it are not what they were.
 */
final class FactLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FactLog.class);
  private static final Pattern NAME = Pattern.compile("(\\d{16})(?:-(\\d{16}))?\\.facts");
  private static final String PART = "pruned.part";

  /** Files that are made one, even if nothing is dropped. */
  private static final int MOST_FILES = 64;

  /** Bytes after which the next file is begun. */
  private static final long FULL = 16 << 20;

  /**
   * The file that stands for all before {@code end}.
   *
   * @param newest of each machine in it
   * @param last of all in it
   */
  private record Base(long end, Map<String, Long> newest, long last) {
    static final Base NOTHING = new Base(0, Map.of(), FactEntry.NONE);
  }

  /** Held to write while files change places; appending needs neither. */
  private final ReadWriteLock places = new ReentrantReadWriteLock();

  private final Path folder;
  private final NavigableMap<Long, Path> files = new TreeMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private Base base = Base.NOTHING;
  private long last = FactEntry.NONE;
  private long begin;
  private LogFile file;

  private FactLog(Path folder) throws IOException {
    this.folder = folder;
    Files.deleteIfExists(folder.resolve(PART));
    NavigableMap<Long, Path> bases = new TreeMap<>();
    try (Stream<Path> there = Files.list(folder)) {
      for (Path path : (Iterable<Path>) there::iterator) {
        Matcher name = NAME.matcher(path.getFileName().toString());
        if (name.matches() && name.group(2) == null) {
          files.put(Long.valueOf(name.group(1)), path);
        } else if (name.matches()) {
          bases.put(Long.valueOf(name.group(2)), path);
        }
      }
    }
    if (!bases.isEmpty()) {
      takeBase(bases);
    }
    this.begin = Math.max(base.end(), files.isEmpty() ? 0 : files.lastKey());
    this.file = LogFile.open(path(begin));
    files.put(begin, file.path());
  }

  /** What a kill has left of the files that the last pruning replaced goes now. */
  private void takeBase(NavigableMap<Long, Path> bases) throws IOException {
    Map.Entry<Long, Path> newestBase = bases.pollLastEntry();
    NavigableMap<Long, Path> replaced = files.headMap(newestBase.getKey(), false);
    delete(replaced.values());
    delete(bases.values());
    replaced.clear();
    base = new Base(newestBase.getKey(), Map.of(), FactEntry.NONE);
    String name = newestBase.getValue().getFileName().toString();
    files.put(Long.valueOf(name.substring(0, name.indexOf('-'))), newestBase.getValue());
  }

  private static void delete(Collection<Path> paths) throws IOException {
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
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
    return folder.resolve(String.format("%016d.facts", position));
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
                newest.put(FactEntry.mac(payload), last);
              });
      if (whole < size && from != begin) {
        throw new IOException(one.getValue().getFileName() + " is damaged at byte " + whole);
      }
      if (whole < size) {
        LOG.warn("{}: {} bytes of a torn record are cut off", one.getValue(), size - whole);
        file.cut(whole);
      }
      if (from < base.end()) {
        base = new Base(base.end(), Map.copyOf(newest), last);
      }
    }
  }

  /** Writes these facts, which survive the end of this process; tells the position of each. */
  synchronized long[] append(List<Fact> facts) throws IOException {
    if (file.end() > FULL) {
      beginNext();
    }
    long[] positions = new long[facts.size()];
    int number = 0;
    for (Fact fact : facts) {
      long position = begin + file.end();
      positions[number++] = position;
      Long before = newest.put(fact.mac(), position);
      FactEntry entry = new FactEntry(last, before == null ? FactEntry.NONE : before, fact);
      file.add(entry::putInto);
      last = position;
    }
    file.write();
    return positions;
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

  /**
   * Drops what is not to be kept. Appending goes on meanwhile.
   *
   * @return empty if there is too little to drop
   */
  Optional<Store.Pruned> prune(Keeping keeping, Predicate<String> known, Instant now, long floor)
      throws IOException {
    NavigableMap<Long, Path> old = closedFiles(floor);
    FactPruning pruning = new FactPruning(old.values(), keeping, known, now);
    if (old.isEmpty() || (!pruning.isWorthIt() && old.size() < MOST_FILES)) {
      return Optional.empty();
    }
    Path part = folder.resolve(PART);
    Files.deleteIfExists(part);
    FactPruning.Kept kept;
    try (LogFile smaller = LogFile.open(part)) {
      kept = pruning.write(smaller, old.firstKey());
    } catch (IOException e) {
      Files.deleteIfExists(part);
      throw e;
    }
    putInPlace(part, old, kept);
    return Optional.of(
        new Store.Pruned(
            pruning.facts() - kept.facts(), pruning.bytes(), kept.bytes(), pruning.oldest()));
  }

  /** Those that end before the floor. */
  private synchronized NavigableMap<Long, Path> closedFiles(long floor) throws IOException {
    if (file.end() > 0) {
      beginNext();
    }
    Long last = files.floorKey(Math.min(begin, floor));
    return last == null ? new TreeMap<>() : new TreeMap<>(files.headMap(last, false));
  }

  /** The renaming decides; a kill before it leaves the old files in force, one after it none. */
  private void putInPlace(Path part, NavigableMap<Long, Path> old, FactPruning.Kept kept)
      throws IOException {
    places.writeLock().lock();
    try {
      Map.Entry<Long, Path> following = files().higherEntry(old.lastKey());
      long end = following.getKey();
      Path target = folder.resolve(String.format("%016d-%016d.facts", old.firstKey(), end));
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      synchronized (this) {
        files.headMap(end, false).clear();
        files.put(old.firstKey(), target);
        base = new Base(end, kept.newest(), kept.last());
        newest.values().removeIf(position -> position < end);
        kept.newest().forEach(newest::putIfAbsent);
        last = last < end ? kept.last() : last;
      }
      // Else a lost power could bring back the old names without what replaced them.
      FileTrees.force(folder);
      delete(old.values().stream().filter(path -> !path.equals(target)).toList());
    } finally {
      places.writeLock().unlock();
    }
  }

  /** Hands all facts that are wanted to {@code each}, oldest first. */
  void replay(Predicate<Fact> wanted, Consumer<Fact> each) throws IOException {
    places.readLock().lock();
    try {
      for (Path path : files().values()) {
        LogFile.scan(
            path,
            (payload, _) -> {
              Fact fact = FactEntry.of(payload).fact();
              if (wanted.test(fact)) {
                each.accept(fact);
              }
            });
      }
    } finally {
      places.readLock().unlock();
    }
  }

  /** The newest facts of one machine, newest first. */
  List<Fact> history(String mac, int limit) throws IOException {
    List<Fact> found = new ArrayList<>();
    places.readLock().lock();
    try (Walk walk = new Walk(newestOf(mac))) {
      for (Optional<FactEntry> at = walk.next(); at.isPresent(); at = walk.next()) {
        found.add(at.get().fact());
        if (found.size() == limit) {
          break;
        }
        walk.goTo(at.get().beforeOfMachine(), base.newest().getOrDefault(mac, FactEntry.NONE));
      }
    } finally {
      places.readLock().unlock();
    }
    return found;
  }

  /** The newest facts that are wanted among the {@code looked} newest of all, newest first. */
  List<Fact> newest(Predicate<Fact> wanted, int limit, int looked) throws IOException {
    List<Fact> found = new ArrayList<>();
    places.readLock().lock();
    try (Walk walk = new Walk(newestOfAll())) {
      for (int i = 0; i < looked && found.size() < limit; i++) {
        Optional<FactEntry> at = walk.next();
        if (at.isEmpty()) {
          break;
        }
        at.map(FactEntry::fact).filter(wanted).ifPresent(found::add);
        walk.goTo(at.get().before(), base.last());
      }
    } finally {
      places.readLock().unlock();
    }
    return found;
  }

  /** What is wanted of what follows a position, the newest {@code limit} of it, oldest first. */
  Store.Following after(long position, Predicate<Fact> wanted, int limit) throws IOException {
    Deque<Store.Placed> found = new ArrayDeque<>();
    long[] end = {position};
    boolean whole;
    places.readLock().lock();
    try {
      long from = Math.max(position, base.end() - 1);
      whole = from == position && position <= newestOfAll();
      end[0] = whole ? position : newestOfAll();
      NavigableMap<Long, Path> there = files();
      Long first = there.floorKey(Math.max(from, 0));
      for (Map.Entry<Long, Path> one : there.tailMap(first == null ? 0L : first, true).entrySet()) {
        long begins = one.getKey();
        if (begins < base.end()) {
          continue;
        }
        LogFile.scan(
            one.getValue(),
            (payload, at) -> {
              if (begins + at > from) {
                end[0] = begins + at;
                Fact fact = FactEntry.of(payload).fact();
                if (wanted.test(fact)) {
                  found.add(new Store.Placed(begins + at, fact));
                }
                if (found.size() > limit + 1) {
                  found.removeFirst();
                }
              }
            });
      }
      if (found.size() > limit) {
        found.removeFirst();
        whole = false;
      }
      return new Store.Following(List.copyOf(found), whole, end[0]);
    } finally {
      places.readLock().unlock();
    }
  }

  /** What is wanted of what follows a position, the oldest {@code limit} of it. */
  Store.Following next(long position, Predicate<Fact> wanted, int limit, int looked)
      throws IOException {
    places.readLock().lock();
    try {
      long last = endOfAll() - 1;
      if (position > last) {
        return new Store.Following(List.of(), false, last);
      }
      boolean whole = position >= base.end() - 1;
      Next next = new Next(wanted, limit, looked, whole ? position : base.end() - 1);
      NavigableMap<Long, Path> there = files();
      for (Map.Entry<Long, Path> one : there.entrySet()) {
        Long following = there.higherKey(one.getKey());
        boolean before = following != null && following <= next.end;
        if (one.getKey() >= base.end() && !before && !next.readAll(one.getKey(), one.getValue())) {
          break;
        }
      }
      return new Store.Following(List.copyOf(next.found), whole, next.end);
    } finally {
      places.readLock().unlock();
    }
  }

  /** One reader on its way forward. */
  private static final class Next {
    private final Predicate<Fact> wanted;
    private final int limit;
    private final List<Store.Placed> found = new ArrayList<>();
    private int left;
    private long end;

    private Next(Predicate<Fact> wanted, int limit, int looked, long end) {
      this.wanted = wanted;
      this.limit = limit;
      this.left = looked;
      this.end = end;
    }

    /** Reads what follows of a file; tells whether to go on with the next one. */
    private boolean readAll(long begins, Path path) throws IOException {
      try (FileChannel in = FileChannel.open(path, StandardOpenOption.READ)) {
        // A position is where a record begins; where none does, the file is read anew.
        long at = Math.max(begins, end);
        if (at > begins && LogFile.read(in, at - begins).isEmpty()) {
          at = begins;
        }
        Optional<ByteBuffer> payload = LogFile.read(in, at - begins);
        while (payload.isPresent()) {
          if (at > end && (left-- == 0 || found.size() == limit)) {
            return false;
          }
          int size = LogFile.sizeOf(payload.get());
          if (at > end) {
            end = at;
            Fact fact = FactEntry.of(payload.get()).fact();
            if (wanted.test(fact)) {
              found.add(new Store.Placed(at, fact));
            }
          }
          at += size;
          payload = LogFile.read(in, at - begins);
        }
        return true;
      }
    }
  }

  /** Where the next fact will be. */
  synchronized long endOfAll() {
    return begin + file.end();
  }

  private synchronized long newestOf(String mac) {
    return newest.getOrDefault(mac, FactEntry.NONE);
  }

  /** Position of the newest fact of all; -1 if there is none. */
  synchronized long newestOfAll() {
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

    /**
     * On to the next record.
     *
     * @param inBase where to go on if the link leads from a later file into the base
     */
    void goTo(long link, long inBase) {
      position = position >= base.end() && link < base.end() ? inBase : link;
    }

    /** The record at this place; empty where the links end. */
    Optional<FactEntry> next() throws IOException {
      Map.Entry<Long, Path> holder = there.floorEntry(position);
      if (position == FactEntry.NONE || holder == null) {
        return Optional.empty();
      }
      if (open.isEmpty() || from != holder.getKey()) {
        close();
        from = holder.getKey();
        open = Optional.of(FileChannel.open(holder.getValue(), StandardOpenOption.READ));
      }
      return LogFile.read(open.get(), position - from).map(FactEntry::of);
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
