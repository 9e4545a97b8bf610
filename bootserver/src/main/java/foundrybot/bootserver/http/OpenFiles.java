// SPDX-License-Identifier: Apache-2.0
package foundrybot.bootserver.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that are open now, each once for all who read it: hundreds of machines that fetch one image
 * cost one descriptor, and only the first of them waits for the file system.
 *
 * <p>A file that was opened a while ago is opened anew for who comes then, so that a replaced one
 * is noticed; who reads the old one reads it to its end. Safe for all threads.
 */
final class OpenFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Open ones that nobody reads; whoever was opened longest ago makes room. */
  static final int MAX_IDLE = 256;

  private final LongSupplier nanos;
  private final Map<Path, Entry> entries = new LinkedHashMap<>();

  /** One reader's hold on an open file. */
  interface Hold extends AutoCloseable {
    FileChannel channel();

    /** Bytes, when it was opened. */
    long size();

    /** Gives it back; further calls do nothing. */
    @Override
    void close();
  }

  private final class Entry {
    final FileChannel channel;
    final long size;
    final long openedAt;
    int readers;
    boolean retired;

    Entry(FileChannel channel, long size, long openedAt) {
      this.channel = channel;
      this.size = size;
      this.openedAt = openedAt;
    }

    Hold hold() {
      readers++;
      return new Hold() {
        private boolean given;

        @Override
        public FileChannel channel() {
          return channel;
        }

        @Override
        public long size() {
          return size;
        }

        @Override
        public void close() {
          if (!given) {
            given = true;
            release(Entry.this);
          }
        }
      };
    }
  }

  /**
   * Begins with no file.
   *
   * @param nanos a clock that only goes forward
   */
  OpenFiles(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A file that is open and fresh: at once, without the file system. */
  synchronized Optional<Hold> atHand(Path path) {
    Entry entry = entries.get(path);
    return entry == null || nanos.getAsLong() - entry.openedAt > FRESH_NANOS
        ? Optional.empty()
        : Optional.of(entry.hold());
  }

  /**
   * Opens a file; waits for the file system, so no event loop may call it.
   *
   * @throws IOException if it cannot be read
   */
  Hold open(Path path) throws IOException {
    Optional<Hold> meanwhile = atHand(path);
    if (meanwhile.isPresent()) {
      return meanwhile.get();
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    Entry entry;
    try {
      entry = new Entry(channel, channel.size(), nanos.getAsLong());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return added(path, entry);
  }

  private synchronized Hold added(Path path, Entry entry) {
    Hold hold = entry.hold();
    Entry before = entries.remove(path);
    if (before != null) {
      retire(before);
    }
    entries.put(path, entry);
    sweep();
    return hold;
  }

  /** Closes what nobody reads and is not fresh, and what is too many. */
  synchronized void sweep() {
    long now = nanos.getAsLong();
    int surplus = entries.size() - MAX_IDLE;
    Iterator<Entry> each = entries.values().iterator();
    while (each.hasNext()) {
      Entry entry = each.next();
      boolean stale = entry.readers == 0 && now - entry.openedAt > FRESH_NANOS;
      if (stale || surplus > 0) {
        surplus--;
        each.remove();
        retire(entry);
      }
    }
  }

  private void retire(Entry entry) {
    entry.retired = true;
    if (entry.readers == 0) {
      closeQuietly(entry.channel);
    }
  }

  private synchronized void release(Entry entry) {
    entry.readers--;
    if (entry.readers == 0 && entry.retired) {
      closeQuietly(entry.channel);
    }
  }

  /** Open files, for tests and for whoever counts descriptors. */
  synchronized int size() {
    return entries.size();
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("http close failed reason={}", e.toString());
    }
  }

  /** Closes all, also those that are still read. */
  @Override
  public synchronized void close() {
    List<Entry> all = new ArrayList<>(entries.values());
    entries.clear();
    all.forEach(entry -> closeQuietly(entry.channel));
  }
}
