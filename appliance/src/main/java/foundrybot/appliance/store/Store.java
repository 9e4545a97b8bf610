// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.store;

import foundrybot.appliance.lifecycle.Fact;
import foundrybot.images.FileTrees;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The appliance's durable state: facts and leases, in append-only files under {@code state/} of the
 * data folder. What a call has written survives a kill at any moment.
 */
public final class Store implements AutoCloseable, FactWriter {
  /**
   * One lease of the dynamic pool.
   *
   * @param address dotted quad
   * @param mac with colons
   * @param state as the DHCP server names it
   */
  public record LeaseRow(String address, String mac, Instant expires, String state) {}

  /**
   * What a pruning did.
   *
   * @param dropped facts
   * @param before bytes of the journal until now
   * @param after bytes of what was kept
   * @param oldest evidence of before that is gone
   */
  public record Pruned(int dropped, long before, long after, Instant oldest) {}

  /**
   * A fact and its place in the journal, which grows from one to the next. A pruning changes the
   * places of what it keeps.
   */
  public record Placed(long position, Fact fact) {}

  /**
   * What follows a place.
   *
   * @param facts oldest first
   * @param whole whether that is all that follows it: not if a pruning went over that place, if
   *     more follows than was asked for, or if the place is none of this journal
   * @param end the place up to which was looked
   */
  public record Following(List<Placed> facts, boolean whole, long end) {}

  private final Path folder;
  private final FileChannel lock;
  private final FactLog facts;
  private final LeaseLog leases;

  private Store(Path folder, FileChannel lock, FactLog facts, LeaseLog leases) {
    this.folder = folder;
    this.lock = lock;
    this.facts = facts;
    this.leases = leases;
  }

  /** Opens the state under {@code data}, makes it if it is not there, and brings it up to date. */
  public static Store open(Path data) {
    Path folder = data.resolve("state");
    createFolder(data);
    try {
      FileChannel lock = lock(data.resolve("state.lock"));
      try {
        Path old = data.resolve("state.mv.db");
        if (!Files.exists(folder) && Files.exists(old)) {
          convert(old, folder);
        }
        if (!Files.exists(folder)) {
          Files.createDirectories(folder);
          FileTrees.force(data.toAbsolutePath());
        }
        return new Store(folder, lock, FactLog.open(folder), LeaseLog.open(leases(folder)));
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new StoreException(
          folder + ": cannot be opened (" + e.getMessage() + "); is the disk full or read-only?",
          e);
    }
  }

  private static Path leases(Path folder) {
    return folder.resolve("leases");
  }

  /** All or nothing; the old file stays as it is. */
  private static void convert(Path old, Path folder) throws IOException {
    Path part = folder.resolveSibling("state.part");
    if (Files.exists(part)) {
      try (Stream<Path> files = Files.list(part)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(part);
    try (FactLog facts = FactLog.open(part);
        LeaseLog leases = LeaseLog.open(leases(part))) {
      OldState.copy(old, facts, leases);
    }
    Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    FileTrees.force(folder.toAbsolutePath().resolveSibling(""));
  }

  private static void createFolder(Path data) {
    try {
      Files.createDirectories(data);
    } catch (AccessDeniedException e) {
      // Its message is a path and nothing else.
      throw new StoreException(
          data
              + ": no right to make this data folder (expected: writable for "
              + System.getProperty("user.name")
              + "); give another --data, chown the folder above it, or use sudo",
          e);
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(data + ": a file (expected: a folder); give another --data", e);
    } catch (IOException e) {
      throw new StoreException(data + ": cannot be made a data folder: " + e.getMessage(), e);
    }
  }

  /**
   * Keeps every appliance away from a data folder, until it is closed.
   *
   * @throws StoreException if one is there
   */
  public static Closeable hold(Path data) throws IOException {
    return lock(data.resolve("state.lock"));
  }

  /** Two appliances that append to the same files would tear each other's records. */
  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // In this process; the answer is the same.
    }
    channel.close();
    throw new StoreException(
        file + ": in use by another appliance; stop that one or give another --data",
        new IllegalStateException());
  }

  /**
   * Appends these facts: they survive the end of this process when the call returns.
   *
   * @return the place of each
   */
  @Override
  public long[] append(List<Fact> more) {
    return asking(() -> facts.append(more));
  }

  /** What was appended survives the loss of power as well when the call returns. */
  @Override
  public void force() {
    doing(facts::force);
  }

  /** Hands every fact of the given kinds to {@code each}, oldest first. */
  public void replay(Set<String> kinds, Consumer<Fact> each) {
    doing(() -> facts.replay(fact -> kinds.contains(fact.kind()), each));
  }

  /** The newest facts of one machine, oldest first, at most {@code limit}. */
  public List<Fact> history(String mac, int limit) {
    return asking(() -> facts.history(mac, limit).reversed());
  }

  /**
   * The newest facts that are wanted, of all machines, oldest first.
   *
   * @param limit how many at most
   * @param looked how many facts to look at, from the newest on
   */
  public List<Fact> newest(Predicate<Fact> wanted, int limit, int looked) {
    return asking(() -> facts.newest(wanted, limit, looked).reversed());
  }

  /**
   * What is wanted of what follows a place in the journal, at most {@code limit} facts, the newest
   * of them.
   */
  public Following after(long position, Predicate<Fact> wanted, int limit) {
    return asking(() -> facts.after(position, wanted, limit));
  }

  /**
   * What is wanted of what follows a place in the journal, the oldest of it; {@code whole} unless a
   * pruning went over that place, or it is none of this journal.
   *
   * @param limit how many at most
   * @param looked how many facts to look at
   */
  public Following next(long position, Predicate<Fact> wanted, int limit, int looked) {
    return asking(() -> facts.next(position, wanted, limit, looked));
  }

  /** A place that all facts until now are before, and none that comes. */
  public long present() {
    return facts.endOfAll() - 1;
  }

  /** The place of the newest fact; -1 if there is none. */
  public long newestPlace() {
    return facts.newestOfAll();
  }

  /**
   * Drops old evidence from the journal; one at a time, while facts are appended. What decides
   * where a machine stands is kept.
   *
   * @param known whether the machine with this MAC has a state
   * @return empty if there was too little to drop
   */
  public Optional<Pruned> prune(Keeping keeping, Predicate<String> known, Instant now) {
    return prune(keeping, known, now, Long.MAX_VALUE);
  }

  /**
   * The same, for who has readers that are to go on from their places.
   *
   * @param floor the place of the reader that is farthest back: what follows it stays as it is
   */
  public Optional<Pruned> prune(Keeping keeping, Predicate<String> known, Instant now, long floor) {
    return asking(() -> facts.prune(keeping, known, now, floor));
  }

  /** Replaces what was kept for the addresses of these leases, durably and in their order. */
  public void save(List<LeaseRow> changed) {
    doing(() -> leases.save(changed));
  }

  public List<LeaseRow> leases() {
    return asking(() -> List.copyOf(leases.all()));
  }

  private interface Work {
    void run() throws IOException;
  }

  private interface Question<T> {
    T answer() throws IOException;
  }

  private void doing(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private <T> T asking(Question<T> question) {
    try {
      return question.answer();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private StoreException failed(IOException e) {
    return StoreException.unusable(folder, e);
  }

  @Override
  public void close() {
    doing(facts::close);
    doing(leases::close);
    doing(lock::close);
  }
}
